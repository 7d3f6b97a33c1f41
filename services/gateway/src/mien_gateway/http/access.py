"""The door for REST and WebSockets: pure ASGI, since it stands before every request."""

import math
from collections.abc import Collection
from contextlib import ExitStack

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien_gateway.access.callers import Allowance
from mien_gateway.access.door import Access
from mien_gateway.errors import GatewayError, RateLimitedError
from mien_gateway.http.credentials import SUBPROTOCOL, credentials_of, hide_key
from mien_gateway.http.origins import check_origin
from mien_gateway.http.paths import OPEN
from mien_gateway.http.problems import gateway_problem

_POLICY_VIOLATION = 1008
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WEBSOCKET_ANSWER = "websocket.http.response"


class AccessMiddleware:
    """Admits callers, and counts REST requests; the caller is then in scope["state"].

    There is also `reserved`, which gives back what the request reserves when it is answered.

    A WebSocket's frames are counted by whoever receives them.
    """

    def __init__(self, app: ASGIApp, access: Access, origins: Collection[str]) -> None:
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
            caller = self._access.admit(credentials_of(scope))
            allowance = await self._access.spend(caller)
        except RateLimitedError as error:
            left = Allowance(error.limit, 0, error.retry_after_seconds)
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
            caller = self._access.admit(credentials_of(scope))
        except GatewayError as error:
            await refuse(error, scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        hide_key(scope)
        await self._app(scope, receive, _agreeing(scope, send))


def _telling(allowance: Allowance, send: Send) -> Send:
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
