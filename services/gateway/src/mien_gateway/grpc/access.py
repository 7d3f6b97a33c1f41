"""The door for gRPC: an interceptor before every method of ours."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Never, TypeAlias
from urllib.parse import unquote

import grpc
import grpc.aio

from mien_gateway.access.callers import Caller, Credentials
from mien_gateway.access.door import Access
from mien_gateway.errors import GatewayError
from mien_gateway.grpc.errors import rich_status
from mien_gateway.request_ids import HEADER, accept_or_make

_Context = grpc.aio.ServicerContext[Any, Any]
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_MaybeHandler: TypeAlias = "_Handler | None"
_Behavior = Callable[[Any, _Context], Any]

# Health and reflection are open; they say nothing about a picture.
_GUARDED = "/mien.v1."
_BEARER = "bearer "
_CALLER: ContextVar[Caller] = ContextVar("caller")

_MAKERS: Mapping[tuple[bool, bool], Callable[..., _Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def current_caller() -> Caller:
    """Return who makes the call under way; for servicers, who count a stream's frames."""
    return _CALLER.get()


class AccessInterceptor(grpc.aio.ServerInterceptor):
    """Admits callers, and counts calls; a stream's frames are counted by its servicer."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_MaybeHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _MaybeHandler:
        """Put the door before the method."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(_GUARDED):
            return handler
        kind = handler.request_streaming, handler.response_streaming
        behavior = getattr(handler, "_".join("stream" if streams else "unary" for streams in kind))
        return _MAKERS[kind](
            self._guarded(behavior, counted=not handler.request_streaming),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _guarded(self, behavior: _Behavior, *, counted: bool) -> _Behavior:
        async def answer(request: Any, context: _Context) -> Any:
            await self._enter(context, counted=counted)
            return await behavior(request, context)

        async def stream(request: Any, context: _Context) -> AsyncIterator[Any]:
            await self._enter(context, counted=counted)
            async for response in behavior(request, context):
                yield response

        return stream if inspect.isasyncgenfunction(behavior) else answer

    async def _enter(self, context: _Context, *, counted: bool) -> None:
        try:
            caller = self._access.admit(_credentials(context))
            if counted:
                await self._access.spend(caller)
        except GatewayError as error:
            await _refuse(context, error)
        _CALLER.set(caller)


def _credentials(context: _Context) -> Credentials:
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


async def _refuse(context: _Context, error: GatewayError) -> Never:
    given = dict(context.invocation_metadata() or ()).get(HEADER.lower())
    request_id = accept_or_make(given if isinstance(given, str) else None)
    status = rich_status(error, request_id)
    trailing = (*status.trailing_metadata, (HEADER.lower(), request_id))
    await context.abort(status.code, status.details, trailing)
