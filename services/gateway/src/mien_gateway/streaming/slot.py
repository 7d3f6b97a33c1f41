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
    """Between the one who receives frames and the one who analyses them."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._arrived = asyncio.Event()
        self._closed = False
        self.dropped = 0
        """Frames that a newer one replaced."""

    @property
    def is_waiting(self) -> bool:
        """Whether a frame waits."""
        return self._frame is not None

    def put(self, frame: Frame) -> None:
        """Leave the newest frame; never waits."""
        self.dropped += self.is_waiting
        self._frame = frame
        self._arrived.set()

    def close(self) -> None:
        """No more frames come; one that waits can still be taken."""
        self._closed = True
        self._arrived.set()

    async def take(self) -> Frame | None:
        """Wait for a frame and take it; None after the last one."""
        await self._arrived.wait()
        frame, self._frame = self._frame, None
        if not self._closed:
            self._arrived.clear()
        return frame
