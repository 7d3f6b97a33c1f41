"""WebSockets of uvicorn."""

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Takes a refused handshake for a complete one.

    uvicorn 0.54 logs an error for each, as if the application had forgotten to answer.
    """

    async def send(self, message: ASGISendEvent) -> None:
        """Send, and note that the handshake was answered."""
        await super().send(message)
        self.handshake_complete |= self.close_sent
