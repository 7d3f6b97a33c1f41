"""What everything that is done for a request can know of it: its id, and its trace."""

from collections.abc import Iterable

from opentelemetry.trace import Span, StatusCode
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien_gateway.http.paths import PROBED
from mien_gateway.http.request_id import request_id
from mien_gateway.telemetry.request_ids import bind_request_id
from mien_gateway.telemetry.tracing import follow, server_span

_FIRST_OWN_FAULT = 500
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestIds:
    """Binds each request's id, for the log entries and the calls that come of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every request, and every WebSocket, is a task of its own."""
        if scope["type"] in ("http", "websocket"):
            bind_request_id(request_id(HTTPConnection(scope)))
        await self._app(scope, receive, send)


class Traces:
    """Records a span per request; a WebSocket's frames each have their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on in the caller's trace."""
        if scope["type"] == "websocket":
            follow(_headers(scope))
        if scope["type"] == "http" and scope["path"] not in PROBED:
            await self._traced(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What is no method must not become the name of a span.
        method = scope["method"] if scope["method"] in _METHODS else "HTTP"
        with server_span(method, _headers(scope), {"http.request.method": method}) as span:
            try:
                await self._app(scope, receive, _noting_status(span, send))
            finally:
                # Known only once a route was found; the path itself may hold a session's id.
                if route := getattr(scope.get("route"), "path", ""):
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)


def _headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return headers


def _noting_status(span: Span, send: Send) -> Send:
    async def send_and_note(message: Message) -> None:
        if message["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", message["status"])
            if message["status"] >= _FIRST_OWN_FAULT:
                span.set_status(StatusCode.ERROR)
        await send(message)

    return send_and_note
