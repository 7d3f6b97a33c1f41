"""Room for one frame: a newer one takes the place of the one that waits."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream."""

    number: int
    """The first one of a stream is 1."""
    image: bytes
    taken_at: float
    """Seconds on a steady clock."""


class FrameSlot:
    """Between the one who receives frames and the one who analyses them.

    A frame that comes while nothing is analysed is due: it stays, however late it is taken, so
    that who keeps within the credit that he was given loses nothing. Else it waits, and a newer
    one takes its place.
    """

    def __init__(self) -> None:
        self._due: Frame | None = None
        self._waiting: Frame | None = None
        self._busy = False
        self._changed = asyncio.Event()
        self._closed = False
        self.dropped = 0
        """Frames that a newer one replaced."""

    @property
    def held(self) -> int:
        """How many frames wait to be taken."""
        return (self._due is not None) + (self._waiting is not None)

    def put(self, frame: Frame) -> None:
        """Leave the newest frame; never waits."""
        if self._busy or self._due:
            self.dropped += self._waiting is not None
            self._waiting = frame
        else:
            self._due = frame
            self._changed.set()

    def close(self) -> None:
        """No more frames come; those that wait can still be taken."""
        self._closed = True
        self._changed.set()

    def done(self) -> None:
        """The frame that was taken is analysed: what waits is due now."""
        self._busy = False
        self._due, self._waiting = self._waiting, None
        if self._due:
            self._changed.set()

    async def take(self) -> Frame | None:
        """Wait for a frame and take it, until it is `done`; None after the last one."""
        await self._changed.wait()
        frame, self._due = self._due, None
        self._busy = frame is not None
        if not self._closed:
            self._changed.clear()
        return frame
