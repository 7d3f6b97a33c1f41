"""The door for gRPC: an interceptor before every method of ours."""

from contextvars import ContextVar
from functools import partial
from typing import Never
from urllib.parse import unquote

import grpc
import grpc.aio

from mien_gateway.access.callers import Caller, Credentials
from mien_gateway.access.door import Access
from mien_gateway.errors import GatewayError
from mien_gateway.grpc.errors import rich_status
from mien_gateway.grpc.wrapping import OURS, Context, Continuation, MaybeHandler, after, wrapped
from mien_gateway.telemetry.request_ids import HEADER, accept_or_make
from mien_gateway.telemetry.tracing import annotate

_BEARER = "bearer "
_CALLER: ContextVar[Caller] = ContextVar("caller")


def current_caller() -> Caller:
    """Return who makes the call under way; for servicers, who count a stream's frames."""
    return _CALLER.get()


class AccessInterceptor(grpc.aio.ServerInterceptor):
    """Admits callers, and counts calls; a stream's frames are counted by its servicer."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> MaybeHandler:
        """Put the door before the method."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(OURS):
            return handler
        enter = partial(self._enter, counted=not handler.request_streaming)
        return wrapped(handler, partial(after, enter))

    async def _enter(self, context: Context, *, counted: bool) -> None:
        try:
            caller = self._access.admit(_credentials(context))
            if counted:
                await self._access.spend(caller)
        except GatewayError as error:
            await _refuse(context, error)
        _CALLER.set(caller)


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
