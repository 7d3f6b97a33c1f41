"""Admission over gRPC: an interceptor before every method."""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Never
from urllib.parse import unquote

import grpc
import grpc.aio

from mien_gateway.access.addresses import network_of
from mien_gateway.access.callers import Caller, Credentials
from mien_gateway.core import Core
from mien_gateway.errors import GatewayError
from mien_gateway.grpc.errors import rich_status
from mien_gateway.grpc.receiving import Receiver, size_of
from mien_gateway.grpc.wrapping import (
    OURS,
    Behavior,
    Context,
    Continuation,
    MaybeHandler,
    wrapped,
)
from mien_gateway.steadiness.fair_limit import FairLimit
from mien_gateway.telemetry.request_ids import HEADER, accept_or_make
from mien_gateway.telemetry.tracing import annotate

_BEARER = "bearer "

# Of what needs no key: questions about health, and streams of health and reflection.
_OPEN_UNARY = 64
_OPEN_STREAMS = 64
_OPEN_SHARE = 1 / 8
OPEN_CALLS = _OPEN_UNARY + _OPEN_STREAMS
# Their messages are a name long, though gRPC would take one as long as a picture.
_OPEN_MESSAGES = 8
_OPEN_MESSAGE_BYTES = 4096
_NAME_SECONDS = 2.0
_QUERY_SECONDS = 10.0
_CALLER: ContextVar[Caller] = ContextVar("caller")


def current_caller() -> Caller:
    """Return who makes the call under way; for servicers, who count a stream's frames."""
    return _CALLER.get()


class AccessInterceptor(grpc.aio.ServerInterceptor):
    """Admits callers before their message is received, and counts calls.

    A stream's frames are counted by its servicer. Health and reflection need no key, but have
    only so many places.
    """

    def __init__(self, core: Core, max_message_bytes: int) -> None:
        self._core = core
        self._access = core.access
        self.places = 2 * core.max_uploads
        """Calls under way at a time, but for those that need no key."""
        self._calls = FairLimit(self.places, core.caller_share)
        self._open = {
            False: FairLimit(_OPEN_UNARY, _OPEN_SHARE),
            True: FairLimit(_OPEN_STREAMS, _OPEN_SHARE),
        }
        messages = max(core.max_bytes_in_flight // max_message_bytes, 2)
        share = max(int(messages * core.caller_share), 1)
        self._receiver = Receiver(messages, share, core.request_timeout_seconds)
        self._names = Receiver(_OPEN_MESSAGES, 1, _NAME_SECONDS, _OPEN_MESSAGE_BYTES)
        self._queries = Receiver(_OPEN_MESSAGES, 2, _QUERY_SECONDS, _OPEN_MESSAGE_BYTES)

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> MaybeHandler:
        """Put the checks before the method."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        has_one = not handler.request_streaming
        if handler_call_details.method.startswith(OURS):
            enter = partial(self._enter, has_one=has_one)
        else:
            enter = partial(self._enter_open, has_one=has_one, streams=handler.response_streaming)
        return wrapped(handler, partial(_within, enter), reads=True)

    @asynccontextmanager
    async def _enter(self, requests: Any, context: Context, *, has_one: bool) -> AsyncIterator[Any]:
        """Yield what the method takes, a message or the stream of them."""
        message = None
        try:
            caller = self._access.admit(_credentials(context))
            with self._calls.reserve(caller.identity, 1):
                _CALLER.set(caller)
                if not has_one:
                    yield requests
                    return
                await self._access.spend(caller)
                message = await self._receiver.receive(context, caller.identity)
                with self._core.bytes_in_flight.reserve(caller.identity, size_of(message)):
                    yield message
        except GatewayError as error:
            message = None  # else the traceback keeps it
            await _refuse(context, error)

    @asynccontextmanager
    async def _enter_open(
        self, _: Any, context: Context, *, has_one: bool, streams: bool
    ) -> AsyncIterator[Any]:
        peer = network_of(_address(context.peer()))
        try:
            with self._open[streams].reserve(peer, 1):
                if has_one:
                    yield await self._names.receive(context, peer)
                else:
                    yield self._queries.stream(context, peer)
        except GatewayError as error:
            await _refuse(context, error)


def _within(
    enter: Callable[[Any, Context], AbstractAsyncContextManager[Any]], behavior: Behavior
) -> Behavior:
    """Return the behaviour with what comes before it and after it."""

    async def answer(requests: Any, context: Context) -> Any:
        async with enter(requests, context) as request:
            return await behavior(request, context)

    async def stream(requests: Any, context: Context) -> AsyncIterator[Any]:
        async with enter(requests, context) as request:
            async for response in behavior(request, context):
                yield response

    return stream if inspect.isasyncgenfunction(behavior) else answer


def _credentials(context: Context) -> Credentials:
    metadata = dict(context.invocation_metadata() or ())
    authorization = metadata.get("authorization", "")
    key = metadata.get("x-api-key")
    if isinstance(authorization, str) and authorization[: len(_BEARER)].lower() == _BEARER:
        key = authorization[len(_BEARER) :].strip()
    return Credentials(key if isinstance(key, str) else None, _address(context.peer()))


def _address(peer: str) -> str:
    """Return the address in `ipv4:1.2.3.4:5` or `ipv6:%5B::1%5D:5`."""
    family, _, place = peer.partition(":")
    if family not in ("ipv4", "ipv6"):
        return peer
    return unquote(place).rpartition(":")[0].strip("[]")


async def _refuse(context: Context, error: GatewayError) -> Never:
    given = dict(context.invocation_metadata() or ()).get(HEADER.lower())
    request_id = accept_or_make(given if isinstance(given, str) else None)
    annotate(outcome=error.code)
    status = rich_status(error, request_id)
    trailing = (*status.trailing_metadata, (HEADER.lower(), request_id))
    await context.abort(status.code, status.details, trailing)
