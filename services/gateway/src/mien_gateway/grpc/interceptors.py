"""Interceptors: access and spans."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Never, TypeAlias
from urllib.parse import unquote
from weakref import WeakValueDictionary

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from opentelemetry.trace import Span, StatusCode

from mien_gateway.auth.principal import Credentials, Principal, network_of
from mien_gateway.core import Core
from mien_gateway.errors import GatewayError, InvalidRequestError, UploadTooSlowError
from mien_gateway.grpc.errors import rich_status
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.telemetry.logging import HEADER, accept_or_make
from mien_gateway.telemetry.tracing import annotate, follow, server_span

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
MaybeHandler: TypeAlias = "Handler | None"
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[MaybeHandler]]
Behavior = Callable[[Any, Context], Any]

SERVICE_PREFIX = "/mien.v1."
"""How our methods begin; health and reflection do not, they say nothing about a picture."""

_MAKERS: Mapping[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def wrap_handler(
    handler: Handler, wrap: Callable[[Behavior], Behavior], *, reads: bool = False
) -> Handler:
    """Return the handler with something around what it does.

    What `reads` receives the request itself, though it is a single one: else gRPC has received
    it before anything else runs.
    """
    kind = handler.request_streaming, handler.response_streaming
    behavior = getattr(handler, "_".join("stream" if streams else "unary" for streams in kind))
    return _MAKERS[reads or kind[0], kind[1]](
        wrap(behavior),
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


def after(enter: Callable[[Context], Awaitable[None]], behavior: Behavior) -> Behavior:
    """Return the behaviour with something before it."""

    async def answer(request: Any, context: Context) -> Any:
        await enter(context)
        return await behavior(request, context)

    async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
        await enter(context)
        async for response in behavior(request, context):
            yield response

    return stream if inspect.isasyncgenfunction(behavior) else answer


_OWN_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
    }
)


class TraceInterceptor(grpc.aio.ServerInterceptor):
    """Goes on in the caller's trace, where the metadata tells of one."""

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> MaybeHandler:
        """Put the span around the method."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(SERVICE_PREFIX):
            return handler
        if handler.response_streaming:
            return wrap_handler(handler, partial(after, _follow))
        return wrap_handler(handler, partial(_traced, method.removeprefix("/")))


async def _follow(context: Context) -> None:
    follow(_metadata(context))


def _traced(method: str, behavior: Behavior) -> Behavior:
    async def answer(request: Any, context: Context) -> Any:
        with server_span(method, _metadata(context), {"rpc.system": "grpc"}) as span:
            try:
                return await behavior(request, context)
            finally:
                _note_status(span, context)

    return answer


def _note_status(span: Span, context: Context) -> None:
    # The stubs say that there always is one; a call that went well leaves None.
    code: Any = context.code()
    if isinstance(code, grpc.StatusCode):
        span.set_attribute("rpc.grpc.status", code.name)
        if code in _OWN_FAULTS:
            span.set_status(StatusCode.ERROR)


def _metadata(context: Context) -> Iterable[tuple[str, str | bytes]]:
    return context.invocation_metadata() or ()


class Receiver:
    """Receives a bounded number of messages at a time; further calls wait.

    gRPC does not say how long a message is before it is there, so each may be as long as any.
    Until it is received, gRPC buffers no more of it than its flow control allows.
    """

    def __init__(
        self, places: int, places_per_caller: int, limit_seconds: float, limit_bytes: int = 0
    ) -> None:
        """Take the bounds; without one in bytes, gRPC's own holds."""
        self._places = asyncio.Semaphore(places)
        self._per_caller = places_per_caller
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_bytes
        self._callers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def receive(self, context: Context, caller: str) -> Any:
        """Return the one message of a call.

        Raises UploadTooSlowError, and InvalidRequestError where there is none.
        """
        message = await self._read(context, caller)
        if message is grpc.aio.EOF:
            reason = "The call has no message"
            raise InvalidRequestError(reason)
        return message

    async def stream(self, context: Context, caller: str) -> AsyncIterator[Any]:
        """Yield the messages of a call; raises UploadTooSlowError where the next does not come."""
        while (message := await self._read(context, caller)) is not grpc.aio.EOF:
            yield message

    async def _read(self, context: Context, caller: str) -> Any:
        own = self._callers.setdefault(caller, asyncio.Semaphore(self._per_caller))
        try:
            async with asyncio.timeout(self._limit_seconds), own, self._places:
                message = await context.read()
        except TimeoutError:
            raise UploadTooSlowError(self._limit_seconds) from None
        except DecodeError:
            reason = "The message cannot be parsed"
            raise InvalidRequestError(reason) from None
        if message is not grpc.aio.EOF and 0 < self._limit_bytes < size_of(message):
            message = None  # else the traceback keeps it
            reason = f"The message is longer than {self._limit_bytes} bytes"
            raise InvalidRequestError(reason)
        return message


def size_of(message: Message | bytes) -> int:
    """Return how many bytes a message has."""
    return len(message) if isinstance(message, bytes) else message.ByteSize()


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
_CALLER: ContextVar[Principal] = ContextVar("caller")


def current_caller() -> Principal:
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
        if handler_call_details.method.startswith(SERVICE_PREFIX):
            enter = partial(self._enter, has_one=has_one)
        else:
            enter = partial(self._enter_open, has_one=has_one, streams=handler.response_streaming)
        return wrap_handler(handler, partial(_within, enter), reads=True)

    @asynccontextmanager
    async def _enter(self, requests: Any, context: Context, *, has_one: bool) -> AsyncIterator[Any]:
        """Yield what the method takes, a message or the stream of them."""
        message = None
        try:
            caller = self._access.authenticate(_credentials(context))
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
