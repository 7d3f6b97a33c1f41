"""Refusals that reach callers who read only after they have sent everything.

A connection that is closed while the caller still sends is reset, and the answer is lost. So the
rest of a refused body is read and thrown away, as much as is bearable.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST_BYTES = 100_000_000
_LONGEST_SECONDS = 30.0
# After that much the connection is of use for another request; else it is closed.
_KEEP_ALIVE_BYTES = 1_000_000
_ABOUT_THE_BODY = (b"content-length", b"transfer-encoding", b"expect")


class UnreadBodies:
    """Reads what an answered request still sends before the answer is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go past requests without a body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Once through the headers: every picture comes this way.
        told = {name: value for name, value in scope["headers"] if name in _ABOUT_THE_BODY}
        if told.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in told:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(told, receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            await exchange.finish()
            raise
        await exchange.finish()


class _Exchange:
    """One request with a body, and its answer."""

    def __init__(self, headers: Mapping[bytes, bytes], receive: Receive, send: Send) -> None:
        self._headers = headers
        self._receive = receive
        self._send = send
        self._more_comes = True
        # Nothing comes before the body was asked for, or not in time.
        self._nothing_comes = headers.get(b"expect", b"").lower() == b"100-continue"
        self._answered = False

    async def receive(self) -> Message:
        self._nothing_comes = False
        message = await self._receive()
        self._more_comes = bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        if self._more_comes:
            if message["type"] == "http.response.start":
                self._nothing_comes |= message["status"] == HTTPStatus.REQUEST_TIMEOUT
                if not self._is_small():
                    MutableHeaders(scope=message)["Connection"] = "close"
            elif message["type"] == "http.response.body" and not message.get("more_body"):
                self._answered = True
                message = {**message, "more_body": True}
        await self._send(message)

    async def finish(self) -> None:
        """Throw away what still comes, then complete the answer."""
        if not self._answered:
            return
        if not self._nothing_comes:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_SECONDS):
                    await self._discard()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _discard(self) -> None:
        discarded = 0
        while self._more_comes and discarded < _MOST_BYTES:
            discarded += len((await self.receive()).get("body", b""))

    def _is_small(self) -> bool:
        length = self._headers.get(b"content-length", b"")
        return not self._nothing_comes and length.isdigit() and int(length) <= _KEEP_ALIVE_BYTES
