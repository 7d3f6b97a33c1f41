"""At which rate a system was full: where more users bring no more answers, or too late ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mien_loadtests.stages import StageFigures

# Of what the users grew by: with twice the users, a rate that grows by less than a fifth.
_FOLLOWS = 0.2


@dataclass(frozen=True, slots=True)
class Saturation:
    """Where a ramp ended to pay."""

    rate: float
    """The highest that was reached until then, right answers a second."""
    users: int
    """With so many users."""
    reason: str


def saturation(stages: Sequence[StageFigures], p95_seconds: float) -> Saturation | None:
    """Return where a ramp saturated the system, none where it did not.

    Args:
        stages: in their order; only those that add users count.
        p95_seconds: what p95 must not pass, 0 for no limit.
    """
    good: list[StageFigures] = []
    for stage in stages:
        if p95_seconds and stage.p95_seconds > p95_seconds:
            reason = (
                f"with {stage.users} users p95 is {stage.p95_seconds * 1000:.0f} ms, "
                f"above {p95_seconds * 1000:.0f} ms"
            )
            return _found(good or [stage], reason)
        good.append(stage)
        if len(good) > 1 and not _follows(*list(pairwise(good))[-1]):
            reason = (
                f"{stage.users} users get {stage.rate:.1f} a second, "
                f"{good[-2].users} got {good[-2].rate:.1f}"
            )
            return _found(good, reason)
    return None


def _follows(before: StageFigures, after: StageFigures) -> bool:
    """Whether the rate grew with the users; fewer users have nothing to show."""
    if after.users <= before.users or not before.rate:
        return True
    return after.rate / before.rate - 1 >= _FOLLOWS * (after.users / before.users - 1)


def _found(stages: Sequence[StageFigures], reason: str) -> Saturation:
    best = max(stages, key=lambda one: one.rate)
    return Saturation(best.rate, best.users, reason)
