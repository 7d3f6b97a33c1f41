"""A part's pods over time: asked for, started, ready, found by their callers, gone."""

import math
from collections import deque
from dataclasses import dataclass, field

from mien_capacity.stations import Start


@dataclass(slots=True)
class _Cohort:
    """Pods that were asked for together."""

    count: int
    ready_at: float
    serving_at: float


@dataclass(slots=True)
class Pods:
    """Counts pods; new ones beyond the room on running machines wait for a machine."""

    start: Start
    spare_share: float
    keep_seconds: float
    _cohorts: list[_Cohort] = field(default_factory=list)
    _highest: deque[tuple[float, int]] = field(default_factory=deque)

    def begin(self, count: int) -> None:
        """Have pods that have been there for long."""
        self._cohorts = [_Cohort(count, -math.inf, -math.inf)] if count else []
        self._highest.append((0.0, count))

    @property
    def wanted(self) -> int:
        """All pods, ready or not."""
        return sum(cohort.count for cohort in self._cohorts)

    def ready(self, now: float) -> int:
        """Pods whose readiness probe succeeds."""
        return sum(cohort.count for cohort in self._cohorts if cohort.ready_at <= now)

    def ready_for(self, seconds: float, now: float) -> int:
        """Pods that have been ready that long."""
        return self.ready(now - seconds)

    def serving(self, now: float) -> int:
        """Pods that callers have found."""
        return sum(cohort.count for cohort in self._cohorts if cohort.serving_at <= now)

    def set(self, wanted: int, now: float) -> None:
        """Start what is missing; end the newest first, as a ReplicaSet does."""
        room = self._room(now)
        missing = wanted - self.wanted
        if missing > 0:
            warm = min(missing, max(0, room - self.wanted))
            self._add(warm, self.start.warm_seconds, now)
            self._add(missing - warm, self.start.cold_seconds, now)
        for cohort in reversed(self._cohorts):
            ended = min(cohort.count, max(0, -missing))
            cohort.count -= ended
            missing += ended
        self._cohorts = [cohort for cohort in self._cohorts if cohort.count]
        self._remember(wanted, now)

    def _add(self, count: int, seconds: float, now: float) -> None:
        if count:
            ready_at = now + seconds
            self._cohorts.append(_Cohort(count, ready_at, ready_at + self.start.traffic_seconds))

    def _remember(self, wanted: int, now: float) -> None:
        """Keep what may still be the highest of the last while, each from when it began."""
        while self._highest and self._highest[-1][1] < wanted:
            self._highest.pop()
        if not self._highest or self._highest[-1][1] > wanted:
            self._highest.append((now, wanted))

    def _room(self, now: float) -> int:
        """Return how many pods the machines take that run now: they stay a while when empty."""
        while len(self._highest) > 1 and self._highest[1][0] <= now - self.keep_seconds:
            self._highest.popleft()
        return math.ceil(self._highest[0][1] * (1 + self.spare_share)) if self._highest else 0
