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
    """Counts pods; new ones beyond the room on running machines wait for new machines."""

    start: Start
    spare_share: float
    keep_seconds: float
    _cohorts: list[_Cohort] = field(default_factory=list)
    _highest: deque[tuple[float, int]] = field(default_factory=deque)
    _room: int = 0
    """Pods that the running machines take."""
    _ordered: list[tuple[float, int]] = field(default_factory=list)
    """Room on machines that are on their way, with when they come."""

    def begin(self, count: int) -> None:
        """Have pods that have been there for long."""
        self._cohorts = [_Cohort(count, -math.inf, -math.inf)] if count else []
        self._highest.append((0.0, count))
        self._room = self._with_spare(count)

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
        self._see_machines(now)
        missing = wanted - self.wanted
        if missing > 0:
            warm = min(missing, max(0, self._room - self.wanted))
            self._add(warm, now + self.start.warm_seconds)
            self._add_on_new_machines(missing - warm, now)
        for cohort in reversed(self._cohorts):
            ended = min(cohort.count, max(0, -missing))
            cohort.count -= ended
            missing += ended
        self._cohorts = [cohort for cohort in self._cohorts if cohort.count]
        while self._highest and self._highest[-1][1] < wanted:
            self._highest.pop()
        if not self._highest or self._highest[-1][1] > wanted:
            self._highest.append((now, wanted))

    def _add(self, count: int, ready_at: float) -> None:
        if count:
            serving_at = ready_at + self.start.traffic_seconds
            self._cohorts.append(_Cohort(count, ready_at, serving_at))

    def _add_on_new_machines(self, count: int, now: float) -> None:
        """Use what is left on machines that are on their way, and order what else is needed."""
        waiting = max(0, self.wanted - self._room)
        left = sum(room for _, room in self._ordered) - waiting
        fitting = min(count, max(0, left))
        then = self.start.pull_seconds + self.start.warm_seconds
        if fitting:
            self._add(fitting, self._ordered[-1][0] + then)
        if count > fitting:
            comes = now + self.start.node_seconds
            self._ordered.append((comes, self._with_spare(count - fitting)))
            self._add(count - fitting, comes + then)

    def _see_machines(self, now: float) -> None:
        """New machines have come; empty ones have gone after a while."""
        self._room += sum(room for comes, room in self._ordered if comes <= now)
        self._ordered = [(comes, room) for comes, room in self._ordered if comes > now]
        while len(self._highest) > 1 and self._highest[1][0] <= now - self.keep_seconds:
            self._highest.popleft()
        self._room = min(self._room, self._with_spare(self._highest[0][1]))

    def _with_spare(self, count: int) -> int:
        return math.ceil(count * (1 + self.spare_share))
