"""Gives frames out as there is room for them: one thread sends, another one hears the answers."""

from collections.abc import Iterator
from threading import Condition

from mien_client.streaming.newest import Newest
from mien_client.streaming.window import Place, Window


class Feed:
    """The frames of a live stream, as fast as they may be sent.

    Attributes:
        seconds: how long to wait for the gateway while something is under way.
        error: what the caller's frames raised, if anything.
        has_begun: whether a frame was taken; until then, another feed can give them all out.
    """

    def __init__(self, frames: Iterator[bytes], seconds: float, *, newest_wins: bool) -> None:
        """Take nothing yet."""
        self.seconds = seconds
        self._frames = enumerate(frames, 1)
        self._newest_wins = newest_wins
        self._window = Window(seconds)
        self._changed = Condition()
        self._stopped = False
        self.error: Exception | None = None
        self.has_begun = False

    def __iter__(self) -> Iterator[bytes]:
        """Yield the frames to send; it ends where the caller's do, however they do."""
        try:
            yield from self._to_send()
        except Exception as error:  # noqa: BLE001 - raised again by who hears the answers
            self.error = error

    @property
    def seconds_left(self) -> float:
        """How much longer to wait for the gateway."""
        with self._changed:
            return self._window.seconds_left

    def open(self, credit: int) -> None:
        """Let so many frames be under way."""
        with self._changed:
            self._window.open(credit)
            self._changed.notify_all()

    def answer(self, frame: int) -> Place:
        """Take note of an answer."""
        with self._changed:
            place = self._window.answer(frame)
            self._changed.notify_all()
            return place

    def stop(self) -> None:
        """Send no more frames."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _to_send(self) -> Iterator[bytes]:
        if not self._room():
            return
        self.has_begun = True
        source = Newest(self._frames) if self._newest_wins else self._frames
        try:
            for number, frame in source:
                if self._stopped:
                    return
                with self._changed:
                    self._window.send(number)
                yield frame
                # The next one is taken only when there is room, so that it is the newest one.
                if not self._room():
                    return
        finally:
            if isinstance(source, Newest):
                source.close()

    def _room(self) -> bool:
        """Wait until another frame may be sent; returns whether one is still wanted."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._window.has_room)
            return not self._stopped
