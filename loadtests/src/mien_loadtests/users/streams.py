"""What users of live streams have in common: one open stream per framework."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from mien_loadtests.answers import Answer, same
from mien_loadtests.users.base import MienUser


class Stream(Protocol):
    """A live stream; frames have the numbers 1, 2, 3 and so on."""

    def ask(self, picture: bytes) -> Any:
        """Send the next frame, and return what comes back."""

    def close(self) -> None:
        """Leave."""


@dataclass(slots=True)
class _Held:
    """An open stream, and the number of its last frame."""

    stream: Stream
    frame: int = 0


class StreamUser(MienUser):
    """Sends frames, and waits for each one's answer: none is ever dropped for a newer one.

    A stream of which anything went wrong is not used again: the next frame opens another one.
    """

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.held: dict[str, _Held] = {}

    def prepare(self, framework: str) -> None:
        """Open the stream; where that fails, the first frame tries again and tells.

        Streams pass the cache by, so there is none to fill.
        """
        model = f"{self.plan.model}-{framework}"
        with suppress(Exception):
            self.held[model] = _Held(self.open(model))

    def on_stop(self) -> None:
        """Leave."""
        super().on_stop()
        for held in self.held.values():
            held.stream.close()

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
        if model not in self.held:
            self.held[model] = _Held(self.open(model))
        held = self.held[model]
        held.frame += 1
        with self._left_on_error(model):
            return model, held.stream.ask(picture)

    def read(self, came: tuple[str, Any]) -> tuple[Answer, int]:
        """Return the answer, which must be that to the frame just sent, and its size in bytes."""
        model, message = came
        with self._left_on_error(model):
            number, answer, size = self.frame_of(message)
            same("the frame", number, self.held[model].frame)
        return answer, size

    @contextmanager
    def _left_on_error(self, model: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.held.pop(model).stream.close()
            raise
