"""The course of a run: so many users for so long, one stage after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

# Locust looks at the shape once a second: a shorter stage could be missed.
_SHORTEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Stage:
    """So many users, for so long."""

    seconds: float
    users: int


@dataclass(frozen=True, slots=True)
class StageFigures:
    """What was measured in one stage."""

    users: int
    seconds: float
    requests: int
    failures: int
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return (self.requests - self.failures) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted from the beginning of the run until a moment."""

    moment: float
    """Seconds on a steady clock."""
    requests: int
    failures: int
    times: Mapping[int, int]
    """Milliseconds (rounded as Locust does), and how many answers took so long."""


def scaled(stages: Sequence[Stage], factor: float) -> tuple[Stage, ...]:
    """Return the stages with their lengths multiplied, to no less than two seconds."""
    return tuple(
        replace(stage, seconds=max(stage.seconds * factor, min(_SHORTEST_SECONDS, stage.seconds)))
        for stage in stages
    )


def stage_at(stages: Sequence[Stage], seconds: float) -> int | None:
    """Return the index of the stage at that time of the run; none where the run is over."""
    for index, stage in enumerate(stages):
        if seconds < stage.seconds:
            return index
        seconds -= stage.seconds
    return None


def figures_between(users: int, begin: Count, end: Count) -> StageFigures:
    """Return what came in between two counts."""
    times = {
        milliseconds: count - begin.times.get(milliseconds, 0)
        for milliseconds, count in end.times.items()
    }
    return StageFigures(
        users=users,
        seconds=end.moment - begin.moment,
        requests=end.requests - begin.requests,
        failures=end.failures - begin.failures,
        p50_seconds=_percentile(times, 0.5),
        p95_seconds=_percentile(times, 0.95),
        p99_seconds=_percentile(times, 0.99),
    )


def _percentile(times: Mapping[int, int], share: float) -> float:
    """Return the time, in seconds, that a share of the answers did not exceed; 0 for none."""
    wanted = share * sum(times.values())
    passed = 0
    for milliseconds in sorted(times):
        passed += times[milliseconds]
        if times[milliseconds] and passed >= wanted:
            return milliseconds / 1000
    return 0.0
