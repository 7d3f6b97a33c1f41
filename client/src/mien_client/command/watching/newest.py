"""Between the thread that takes frames and the stream that sends them: the newest one wins."""

import asyncio
from collections.abc import Callable, Iterator
from threading import Event, Thread
from time import monotonic
from typing import Protocol

from mien_client.command.watching.source import Shot


class ShotSource(Protocol):
    """Where frames come from."""

    def shots(self, sleep: Callable[[float], object]) -> Iterator[Shot]:
        """Yield frames as time goes by, waiting by `sleep`, which may end early."""


class NewestShot:
    """Takes frames in a thread of its own and keeps the newest one until it is wanted."""

    def __init__(self, source: ShotSource) -> None:
        """Take the source; nothing is opened before `start`."""
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._stopped = Event()
        self._thread = Thread(target=self._take, name="frames", daemon=True)
        self._shot: tuple[Shot, float] | None = None
        self._error: Exception | None = None
        self.taken = 0
        """Frames that the source has given so far."""
        self.dropped = 0
        """Frames so far that a newer one replaced."""

    def start(self) -> None:
        """Begin to take frames."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more frames; one that waits is still given out."""
        self._stopped.set()
        self._arrived.set()

    async def next(self) -> tuple[Shot, float] | None:
        """Wait for a frame and return it with the time of its arrival; None after the last one.

        The time is of the monotonic clock, in seconds. Raises the CommandError of the source.
        """
        await self._arrived.wait()
        shot, self._shot = self._shot, None
        if self._error and not shot:
            raise self._error
        if not self._stopped.is_set():
            self._arrived.clear()
        return shot

    def _take(self) -> None:
        try:
            for shot in self._source.shots(self._stopped.wait):
                if self._stopped.is_set():
                    break
                self._hand_over(self._put, shot, monotonic())
        except Exception as error:  # noqa: BLE001 - it is raised where frames are waited for
            self._hand_over(self._fail, error)
        self._hand_over(self.stop)

    def _hand_over(self, take: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(take, *arguments)
        except RuntimeError:  # the loop is closed: nobody waits any more
            self._stopped.set()

    def _put(self, shot: Shot, arrived: float) -> None:
        self.taken += 1
        self.dropped += self._shot is not None
        self._shot = (shot, arrived)
        self._arrived.set()

    def _fail(self, error: Exception) -> None:
        self._error = error
