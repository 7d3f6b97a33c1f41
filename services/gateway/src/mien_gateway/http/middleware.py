"""ASGI middleware: access, origins, request ids, spans, headers."""

import math
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from urllib.parse import urlsplit

from fastapi import Request
from opentelemetry.trace import Span, StatusCode
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien_gateway.auth.authenticator import Authenticator
from mien_gateway.auth.principal import Credentials, RateLimitStatus
from mien_gateway.errors import GatewayError, OriginForbiddenError, RateLimitedError
from mien_gateway.http.parameters import request_id
from mien_gateway.http.paths import NOTICE, OPEN, PROBED, analyses
from mien_gateway.http.problems import gateway_problem
from mien_gateway.telemetry.logging import bind_request_id
from mien_gateway.telemetry.tracing import follow, server_span

_ABOUT_THE_PAGE = (b"origin", b"sec-fetch-site", b"host")
_OTHER_SITES = (b"cross-site", b"same-site")


def check_origin(scope: Scope, allowed: Collection[str]) -> None:
    """Let pass who is no page, a page of the same host, and a page of an allowed origin.

    Raises OriginForbiddenError else.
    """
    told = {name: value for name, value in scope["headers"] if name in _ABOUT_THE_PAGE}
    if b"origin" not in told:
        # Not every browser names the origin of a simple request, but then the site.
        if told.get(b"sec-fetch-site") in _OTHER_SITES:
            raise OriginForbiddenError
        return
    origin = told[b"origin"].decode("latin-1")
    if origin in allowed:
        return
    # Schemes are not compared: a proxy may speak TLS for us.
    if urlsplit(origin.lower()).netloc != told.get(b"host", b"").decode("latin-1").lower():
        raise OriginForbiddenError


SUBPROTOCOL = "mien.v1"
"""What the gateway speaks on a WebSocket."""
_KEY_SUBPROTOCOL = "mien.key."

_BEARER = "bearer "


def credentials_of(scope: Scope) -> Credentials:
    """Return the key, from wherever it is, and the address."""
    key = key_among(scope["headers"])
    if key is None and scope["type"] == "websocket":
        key = _key_of_subprotocols(scope)
    client = scope.get("client")
    return Credentials(key, client[0] if client else "")


def hide_key(scope: Scope) -> None:
    """Take the key out of what the application sees, and might echo, of the subprotocols."""
    offered = scope.get("subprotocols") or []
    scope["subprotocols"] = [name for name in offered if not name.startswith(_KEY_SUBPROTOCOL)]


def key_among(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return `Authorization: Bearer`'s key, else X-Api-Key's, else None."""
    plain = None
    for name, value in headers:
        if name == b"authorization":
            text = value.decode("latin-1")
            if text[: len(_BEARER)].lower() == _BEARER:
                return text[len(_BEARER) :].strip()
        elif name == b"x-api-key" and plain is None:
            plain = value.decode("latin-1").strip()
    return plain


def _key_of_subprotocols(scope: Scope) -> str | None:
    """Browsers can set no header of a WebSocket but this one."""
    for name in scope.get("subprotocols") or []:
        if name.startswith(_KEY_SUBPROTOCOL):
            return str(name[len(_KEY_SUBPROTOCOL) :])
    return None


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


_LINK = f'<{NOTICE}>; rel="notice"'


class AnswerHeaders:
    """Stands around the application and its error handlers: our own faults have them, too.

    Outside are the page, refusals of hosts, and what deals with a request's id, span and body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add them as the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        about_faces = analyses(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if about_faces:
                    headers.append("Link", _LINK)
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


_POLICY_VIOLATION = 1008
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WEBSOCKET_ANSWER = "websocket.http.response"


class AccessMiddleware:
    """Admits callers, and counts REST requests; the caller is then in scope["state"].

    There is also `reserved`, which gives back what the request reserves when it is answered.

    A WebSocket's frames are counted by whoever receives them.
    """

    def __init__(self, app: ASGIApp, access: Authenticator, origins: Collection[str]) -> None:
        self._app = app
        self._access = access
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or answer instead of the application."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] not in OPEN:
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] not in _SAFE_METHODS:
                check_origin(scope, self._origins)
            caller = self._access.authenticate(credentials_of(scope))
            allowance = await self._access.spend(caller)
        except RateLimitedError as error:
            left = RateLimitStatus(error.limit, 0, error.retry_after_seconds)
            await refuse(error, scope, receive, _telling(left, send))
        except GatewayError as error:
            await refuse(error, scope, receive, send)
        else:
            state = scope.setdefault("state", {})
            state["caller"] = caller
            with ExitStack() as state["reserved"]:
                await self._app(scope, receive, _telling(allowance, send) if allowance else send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_origin(scope, self._origins)
            caller = self._access.authenticate(credentials_of(scope))
        except GatewayError as error:
            await refuse(error, scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        hide_key(scope)
        await self._app(scope, receive, _agreeing(scope, send))


def _telling(allowance: RateLimitStatus, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Limit"] = str(allowance.limit)
            headers["RateLimit-Remaining"] = str(allowance.remaining)
            headers["RateLimit-Reset"] = str(math.ceil(allowance.reset_seconds))
        await send(message)

    return send_with_headers


def _agreeing(scope: Scope, send: Send) -> Send:
    """Agree to our subprotocol where it is offered: browsers hang up on one who does not."""
    if SUBPROTOCOL not in scope["subprotocols"]:
        return send

    async def send_with_subprotocol(message: Message) -> None:
        if message["type"] == "websocket.accept" and not message.get("subprotocol"):
            message["subprotocol"] = SUBPROTOCOL
        await send(message)

    return send_with_subprotocol


async def refuse(error: GatewayError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or a WebSocket's handshake, with a problem document."""
    if scope["type"] == "websocket":
        await _refuse_handshake(error, scope, receive, send)
        return
    response = gateway_problem(Request(scope), error)
    await response(scope, receive, send)


async def _refuse_handshake(
    error: GatewayError, scope: Scope, receive: Receive, send: Send
) -> None:
    await receive()  # the handshake itself
    if _WEBSOCKET_ANSWER not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": error.code})
        return
    # A response sends itself in the words of a refused handshake by the scope's type.
    response = gateway_problem(Request({**scope, "type": "http", "method": "GET"}), error)
    await response(scope, receive, send)
