"""How many frames are under way, and what their answers stand for; it does not wait."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Which frame of the caller's an answer is for, and how many he has lost so far."""

    number: int
    dropped: int


class Window:
    """The frames under way; shut until the gateway says how many there may be."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to wait now, for `seconds` at most without a sign of the gateway."""
        self._seconds = seconds
        self._clock = clock
        self._credit = 0
        self._sent = 0
        self._answered = 0
        self._under_way: deque[tuple[int, int]] = deque()
        self._waiting_since = clock()

    @property
    def has_room(self) -> bool:
        """Whether another frame may be sent."""
        return len(self._under_way) < self._credit

    @property
    def seconds_left(self) -> float:
        """How much longer to wait for the gateway; 0 or less is too long."""
        if self._credit and not self._under_way:
            return self._seconds
        return self._waiting_since + self._seconds - self._clock()

    def open(self, credit: int) -> None:
        """Let so many frames be under way."""
        self._credit = credit
        self._waiting_since = self._clock()

    def send(self, number: int) -> None:
        """Take note that the caller's frame of this number goes."""
        if not self._under_way:
            self._waiting_since = self._clock()
        self._sent += 1
        self._under_way.append((self._sent, number))

    def answer(self, frame: int) -> Place:
        """Take note of an answer to the frame that was sent in this place, counted from 1.

        What was sent before it and has none was dropped by the gateway.
        """
        number = frame
        while self._under_way and self._under_way[0][0] <= frame:
            _, number = self._under_way.popleft()
        self._answered += 1
        self._waiting_since = self._clock()
        return Place(number, number - self._answered)
