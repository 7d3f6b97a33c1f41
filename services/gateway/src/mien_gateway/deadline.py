"""The time that one request has, passed along so that it shrinks at every hop."""

from time import monotonic
from typing import Self

from mien_gateway.errors import DeadlineExceededError


class Deadline:
    """A moment that does not move."""

    __slots__ = ("_at",)

    def __init__(self, at: float) -> None:
        """Take the moment on the monotonic clock, in seconds."""
        self._at = at

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the moment that is `seconds` away."""
        return cls(monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """May be negative."""
        return self._at - monotonic()

    def budget(self, waiting_for: str) -> float:
        """Return the seconds left, always positive.

        Raises DeadlineExceededError, naming what was to be waited for, when none are.
        """
        left = self.seconds_left
        if left <= 0:
            raise DeadlineExceededError(waiting_for)
        return left
