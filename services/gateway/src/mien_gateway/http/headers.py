"""Headers that every answer carries, whoever made it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien_gateway.http.paths import NOTICE, analyses

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
