"""When a call is tried again, and how long to wait before: arithmetic alone, no waiting."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from mien_client.errors import (
    AnswerTimeoutError,
    BusyError,
    MienError,
    UnavailableError,
    UnreachableError,
)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits for an answer, and how often he asks again for it.

    Attributes:
        seconds: for all attempts together, the pauses between them included.
        retries: attempts after the first one; None sets no number.
        waits_for_start: whether to ask again even where nobody answers at the address.
    """

    seconds: float
    retries: int | None
    waits_for_start: bool = False


class Attempts:
    """The attempts of one call."""

    def __init__(
        self,
        patience: Patience,
        address: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Begin now; `chance` gives numbers from 0 to 1."""
        self._patience = patience
        self._address = address
        self._clock = clock
        self._chance = chance
        self._until = clock() + patience.seconds
        self._failed = 0
        self.broke_off = False
        """Whether a connection broke, here or behind a proxy: the question may have been heard."""

    @property
    def seconds_left(self) -> float:
        """How long the next attempt may take.

        Raises AnswerTimeoutError where that is no time at all.
        """
        left = self._until - self._clock()
        if left <= 0:
            raise self.timeout()
        return left

    def timeout(self) -> AnswerTimeoutError:
        """Return the error that says how long there was time."""
        seconds = self._patience.seconds
        reason = f"the timeout of {seconds:g} s is over; a larger `timeout` waits longer"
        return AnswerTimeoutError(self._address, reason)

    def pause_after(self, error: MienError) -> float:
        """Return the seconds to wait before the next attempt.

        Raises the error itself where there is none: it would not help, there were enough of
        them, or the wait would last longer than the caller does.
        """
        self._failed += 1
        match error:
            case UnreachableError(connected=True) | UnavailableError(code="proxy_unavailable"):
                self.broke_off = True
        pause = self._pause(error)
        retries = self._patience.retries
        if pause is None or (retries is not None and self._failed > retries):
            raise error
        if self._clock() + pause >= self._until:
            raise error
        return pause

    def _pause(self, error: MienError) -> float | None:
        if isinstance(error, UnreachableError):
            # A connection may have been kept too long; nobody at the address is another matter.
            worth_it = error.connected or self._patience.waits_for_start
            return self._backoff() if worth_it else None
        if not isinstance(error, BusyError | UnavailableError):
            return None
        if error.retry_after_seconds is None:
            return self._backoff()
        # So that those who were sent away together do not come back together.
        return error.retry_after_seconds + self._chance() * FIRST_PAUSE_SECONDS

    def _backoff(self) -> float:
        """Return a pause that doubles, somewhere from the half to the whole of it."""
        # A power that is never too large for a float.
        power = 2.0 ** min(self._failed - 1, 10)
        whole = min(FIRST_PAUSE_SECONDS * power, LONGEST_PAUSE_SECONDS)
        return whole * (1 + self._chance()) / 2
