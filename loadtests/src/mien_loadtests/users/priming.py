"""Fills the cache with what a scenario wants to find there, once per process and run."""

import time
from collections.abc import Callable

from gevent.lock import RLock

from mien_loadtests.plan import Errand

# The gateway keeps an answer after it has given it.
_PATIENCE_SECONDS, _PAUSE_SECONDS = 5.0, 0.05

IsHit = Callable[[Errand], bool]


class Priming:
    """Which answers the cache has by now."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._done: set[tuple[str, str]] = set()

    def restart(self) -> None:
        """Forget everything: another run begins."""
        self._done.clear()

    def prime(self, errands: list[Errand], is_hit: IsHit) -> None:
        """Ask until each answer comes from the cache; where it never does, the run will tell.

        Users wait here for the one who is at it.
        """
        with self._lock:
            for errand in errands:
                key = (errand.expected.model, errand.photo.name)
                if key not in self._done:
                    self._wait(errand, is_hit)
                    self._done.add(key)

    def _wait(self, errand: Errand, is_hit: IsHit) -> None:
        over = time.perf_counter() + _PATIENCE_SECONDS
        while not is_hit(errand) and time.perf_counter() < over:
            time.sleep(_PAUSE_SECONDS)
