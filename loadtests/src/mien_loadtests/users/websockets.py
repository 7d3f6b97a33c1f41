"""Users of WS /v1/stream."""

import json

import websocket

from mien_loadtests.answers import Answer, answer_of_document, document, same
from mien_loadtests.plan import Plan
from mien_loadtests.users.base import speaks
from mien_loadtests.users.streams import StreamUser


class _Stream:
    """One connection: a binary message out, a text message back."""

    def __init__(self, plan: Plan, model: str) -> None:
        key = plan.api_key
        self._socket = websocket.create_connection(
            plan.stream_url,
            timeout=plan.timeout_seconds,
            header={"Authorization": f"Bearer {key}"} if key else None,
            suppress_origin=True,
        )
        self._socket.send(json.dumps({"type": "start", "consent": True, "model": model}))
        same("the first message", document(self._socket.recv()).get("type"), "ready")

    def ask(self, picture: bytes) -> str:
        """Send the next frame, and return what comes back."""
        self._socket.send_binary(picture)
        return str(self._socket.recv())

    def close(self) -> None:
        """Leave."""
        self._socket.close()


@speaks("websocket", "stream")
class WebSocketUser(StreamUser):
    """Holds a stream open per framework."""

    def open(self, model: str) -> _Stream:
        """Connect."""
        return _Stream(self.plan, model)

    def frame_of(self, came: str) -> tuple[int, Answer, int]:
        """Read a result."""
        found = document(came)
        same("the message", found.get("type"), "result")
        return found.get("frame", 0), answer_of_document(found), len(came)
