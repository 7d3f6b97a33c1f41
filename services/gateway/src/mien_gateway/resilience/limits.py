"""Limits on concurrent work and bytes, and a back-off for what failed."""

from collections import Counter
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from mien_gateway.errors import OverloadedError

_log = structlog.get_logger(__name__)


class Backoff:
    """What is away is tried by one caller per `seconds`, and costs the others nothing."""

    def __init__(self, what: str, seconds: float) -> None:
        self._what = what
        self._seconds = seconds
        self._away = False
        self._try_again_at = 0.0

    def is_open(self) -> bool:
        """Whether to do without it; once per cool-down, one caller is told to try."""
        if not self._away:
            return False
        now = monotonic()
        if now < self._try_again_at:
            return True
        self._try_again_at = now + self._seconds
        return False

    def record_failure(self, error: Exception) -> None:
        """Note that it did not answer."""
        if not self._away:
            _log.warning(f"{self._what} away", error=type(error).__name__)
        self._away = True
        self._try_again_at = monotonic() + self._seconds

    def record_success(self) -> None:
        """Note that it did."""
        if self._away:
            _log.info(f"{self._what} back")
        self._away = False


class FairLimit:
    """A bounded amount for all callers, of which one caller gets a share.

    A reservation that would be larger than that is admitted where nothing else is reserved:
    a limit must never refuse the same request for ever.
    """

    def __init__(self, limit: int, share: float = 1, what: str = "The gateway") -> None:
        """Take the whole amount, the largest share of one caller, and what refusals call it."""
        self._limit = limit
        self._per_caller = max(int(limit * share), 1)
        self._what = what
        self._taken = 0
        self._by_caller: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How much is reserved, by all callers together."""
        return self._taken

    def reserve(self, caller: str, amount: int = 0) -> "Reservation":
        """Return a context manager that gives back at its end whatever was reserved in it.

        Raises OverloadedError at once where `amount` is too much.
        """
        reservation = Reservation(self, caller)
        reservation.add(amount)
        return reservation

    def _take(self, caller: str, amount: int, own: int) -> None:
        others, others_of_caller = self._taken - own, self._by_caller[caller] - own
        wanted = own + amount
        if (others and others + wanted > self._limit) or (
            others_of_caller and others_of_caller + wanted > self._per_caller
        ):
            raise OverloadedError(self._what)
        self._taken += amount
        self._by_caller[caller] += amount

    def _give_back(self, caller: str, amount: int) -> None:
        self._taken -= amount
        self._by_caller[caller] -= amount
        if not self._by_caller[caller]:
            del self._by_caller[caller]


class Reservation:
    """What one request has reserved; it may grow."""

    __slots__ = ("_caller", "_limit", "_own")

    def __init__(self, limit: FairLimit, caller: str) -> None:
        self._limit = limit
        self._caller = caller
        self._own = 0

    def add(self, amount: int) -> None:
        """Reserve more, or give some back; raises OverloadedError where it is too much."""
        if amount > 0:
            self._limit._take(self._caller, amount, self._own)  # noqa: SLF001 - its other half
        elif amount:
            self._limit._give_back(self._caller, -amount)  # noqa: SLF001 - its other half
        self._own += amount

    def release(self) -> None:
        """Give everything back."""
        if self._own:
            self._limit._give_back(self._caller, self._own)  # noqa: SLF001 - its other half
            self._own = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
