"""Leaves something alone for a while after it failed."""

from time import monotonic

import structlog

_log = structlog.get_logger(__name__)


class CoolDown:
    """What is away is tried by one caller per `seconds`, and costs the others nothing."""

    def __init__(self, what: str, seconds: float) -> None:
        self._what = what
        self._seconds = seconds
        self._away = False
        self._try_again_at = 0.0

    def resting(self) -> bool:
        """Whether to do without it; once per cool-down, one caller is told to try."""
        if not self._away:
            return False
        now = monotonic()
        if now < self._try_again_at:
            return True
        self._try_again_at = now + self._seconds
        return False

    def failed(self, error: Exception) -> None:
        """Note that it did not answer."""
        if not self._away:
            _log.warning(f"{self._what} away", error=type(error).__name__)
        self._away = True
        self._try_again_at = monotonic() + self._seconds

    def answered(self) -> None:
        """Note that it did."""
        if self._away:
            _log.info(f"{self._what} back")
        self._away = False
