"""What users of live streams have in common: one open stream per framework."""

from contextlib import suppress
from typing import Any, Protocol

from mien_loadtests.answers import Answer, same
from mien_loadtests.users.base import MienUser


class Stream(Protocol):
    """A live stream; frames have the numbers 1, 2, 3 and so on."""

    def ask(self, picture: bytes) -> Any:
        """Send the next frame, and return what comes back."""

    def close(self) -> None:
        """Leave."""


class StreamUser(MienUser):
    """Sends frames, and waits for each one's answer: none is ever dropped for a newer one.

    A stream of which anything went wrong is not used again: the next frame opens another one.
    """

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.streams: dict[str, tuple[Stream, int]] = {}

    def prepare(self, framework: str) -> None:
        """Open the stream; where that fails, the first frame tries again and tells.

        Streams pass the cache by, so there is none to fill.
        """
        model = f"{self.plan.model}-{framework}"
        with suppress(Exception):
            self.streams[model] = (self.open(model), 0)

    def on_stop(self) -> None:
        """Leave."""
        super().on_stop()
        for stream, _ in self.streams.values():
            stream.close()

    def open(self, model: str) -> Stream:
        """Open a stream.

        Raises:
            WrongAnswerError: what came first was not what should.
        """
        raise NotImplementedError

    def frame_of(self, came: Any) -> tuple[int, Answer, int]:
        """Return a frame's number, its answer, and the answer's size in bytes.

        Raises:
            WrongAnswerError: there is none in what came.
        """
        raise NotImplementedError

    def ask(self, model: str, picture: bytes, *, no_store: bool) -> tuple[str, Any]:  # noqa: ARG002 - streams store nothing
        """Send the picture as the next frame of the model's stream."""
        stream, frames = self.streams.pop(model, None) or (self.open(model), 0)
        try:
            came = stream.ask(picture)
        except BaseException:
            stream.close()
            raise
        self.streams[model] = (stream, frames + 1)
        return model, came

    def read(self, came: tuple[str, Any]) -> tuple[Answer, int]:
        """Return the answer, which must be that to the frame just sent, and its size."""
        model, message = came
        stream, sent = self.streams.pop(model)
        try:
            number, answer, size = self.frame_of(message)
            same("the frame", number, sent)
        except Exception:
            stream.close()
            raise
        self.streams[model] = (stream, sent)
        return answer, size
