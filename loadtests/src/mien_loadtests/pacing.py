"""When a user's requests are due, and from when their latency counts.

Open loop: request n is due at start + n / rate, however long answers take. Its latency counts
from that moment, not from when a user who was still waiting for the answer before got round to
it: what the real world's callers would have waited is in the figures (no coordinated omission).
Closed loop: a request is due when the answer before is there.
"""

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Pace:
    """The pace of one user."""

    def __init__(self, rate: float, clock: Clock = time.perf_counter) -> None:
        """Take requests a second, 0 for a closed loop, and a steady clock in seconds."""
        self._rate = rate
        self._clock = clock
        self._first: float | None = None
        self._begun = 0

    def start(self, share: float) -> None:
        """Let the first request be due within one interval from now, `share` (0 to 1) of it.

        Users who start together would otherwise ask together for ever.
        """
        self._first = self._clock() + (share / self._rate if self._rate else 0.0)

    def seconds_left(self) -> float:
        """Return the time until the next request is due; 0 for one that is late."""
        return max(0.0, self._next() - self._clock())

    def begin(self) -> float:
        """Count a request as begun, and return the moment from which its latency counts."""
        due = self._next()
        self._begun += 1
        return due

    def owed(self) -> tuple[int, int]:
        """Return how many requests were due until now, and how many of them were begun."""
        if self._first is None:
            return 0, 0
        passed = self._clock() - self._first
        due = int(passed * self._rate) + 1 if self._rate and passed >= 0 else 0
        return max(due, self._begun), self._begun

    def _next(self) -> float:
        if not self._rate or self._first is None:
            return self._clock()
        return self._first + self._begun / self._rate


class Tally:
    """How many requests were due and begun, over all users of a run."""

    def __init__(self) -> None:
        self._due = 0
        self._begun = 0

    def add(self, due: int, begun: int) -> None:
        """Count in what one user or one worker tells."""
        self._due += due
        self._begun += begun

    def take(self) -> tuple[int, int]:
        """Return due and begun since the last time."""
        taken = self._due, self._begun
        self._due = self._begun = 0
        return taken

    @property
    def pace(self) -> float:
        """The share of the due requests that was begun, 0 to 1; 0 where nobody told of any."""
        return self._begun / self._due if self._due else 0.0
