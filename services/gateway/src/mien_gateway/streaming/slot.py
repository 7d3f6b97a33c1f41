"""Room for the frames under way: a newer one takes the place of the one that waits."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from mien_gateway.errors import GatewayError

WINDOW = 2
"""Frames that may be under way: one being analysed, one waiting."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream."""

    number: int
    """The first one of a stream is 1."""
    image: bytes
    taken_at: float
    """Seconds on a steady clock."""
    refusal: GatewayError | None = None
    """Why it is not analysed; it holds no picture then."""


class FrameSlot:
    """Between the one who receives frames and the one who analyses them.

    Frames may come together, before the first of them has been taken: while none is being
    analysed two wait, so that who sends no more than the window loses none. Where more come,
    as while an answer is being sent, the newest one alone is left.
    """

    def __init__(self) -> None:
        self._waiting: deque[Frame] = deque()
        self._is_analysing = False
        self._is_full = False
        self._arrived = asyncio.Event()
        self._closed = False
        self.dropped = 0
        """Frames that a newer one replaced."""

    @property
    def room(self) -> int:
        """How many frames can come without one being replaced."""
        return WINDOW - self._is_analysing - len(self._waiting)

    def put(self, frame: Frame) -> Sequence[Frame]:
        """Leave the newest frame, never waiting, and return those that it replaced."""
        replaced: list[Frame] = []
        if self._is_full or self.room <= 0:
            self._is_full = True
            replaced += self._waiting
            self.dropped += len(replaced)
            self._waiting.clear()
        self._waiting.append(frame)
        self._arrived.set()
        return replaced

    def close(self) -> None:
        """No more frames come; those that wait can still be taken."""
        self._closed = True
        self._arrived.set()

    async def take(self) -> Frame | None:
        """Wait for a frame and take it; None after the last one."""
        await self._arrived.wait()
        self._is_full = False
        frame = self._waiting.popleft() if self._waiting else None
        self._is_analysing = frame is not None
        if not self._waiting and not self._closed:
            self._arrived.clear()
        return frame

    def done(self) -> None:
        """The frame that was taken has been analysed."""
        self._is_analysing = self._is_full = False
