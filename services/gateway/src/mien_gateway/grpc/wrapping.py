"""Puts something around the methods of a gRPC service, whether they stream or not."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import grpc
import grpc.aio

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
MaybeHandler: TypeAlias = "Handler | None"
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[MaybeHandler]]
Behavior = Callable[[Any, Context], Any]

OURS = "/mien.v1."
"""How our methods begin; health and reflection do not, they say nothing about a picture."""

_MAKERS: Mapping[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def wrapped(
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
