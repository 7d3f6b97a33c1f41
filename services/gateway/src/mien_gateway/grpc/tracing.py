"""A span per gRPC call; a stream's frames each have their own."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import grpc
import grpc.aio
from opentelemetry.trace import Span, StatusCode

from mien_gateway.grpc.wrapping import (
    OURS,
    Behavior,
    Context,
    Continuation,
    MaybeHandler,
    after,
    wrapped,
)
from mien_gateway.telemetry.tracing import follow, server_span

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
        if handler is None or not method.startswith(OURS):
            return handler
        if handler.response_streaming:
            return wrapped(handler, partial(after, _follow))
        return wrapped(handler, partial(_traced, method.removeprefix("/")))


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
