"""One HorizontalPodAutoscaler: what it says at each of its looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mien_capacity.autoscaling.behavior import (
    Behavior,
    History,
    scale_down_limit,
    scale_up_limit,
    stabilized,
)

SYNC_SECONDS = 15
"""`--horizontal-pod-autoscaler-sync-period`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`minReplicas` and `maxReplicas`."""

    least: int
    most: int


@dataclass(slots=True)
class HorizontalPodAutoscaler:
    """Looks at the proposals of its metrics and sets the replicas.

    The order is that of `reconcileAutoscaler` in `pkg/controller/podautoscaler/horizontal.go`:
    the largest proposal, stabilized, held to the policies, held to the bounds.
    """

    bounds: Bounds
    behavior: Behavior = field(default_factory=Behavior)
    _history: History = field(default_factory=History)

    def look(self, current: int, proposals: Sequence[int | None], now: float) -> int:
        """Return the replicas that there shall be; a proposal of None is a metric without value.

        With no replicas the HPA rests until somebody sets one. If any metric is without value,
        nothing is scaled down.
        """
        if not current and self.bounds.least:
            return 0
        if not self._history.recommendations:
            self._history.recommendations.append((now, current))
        if not self.bounds.least <= current <= self.bounds.most:
            replicas = min(max(current, self.bounds.least), self.bounds.most)
        else:
            desired = _largest(current, proposals)
            if desired is None:
                return current
            replicas = self._normalized(current, desired, now)
        if replicas != current:
            self._history.changes.append((now, replicas - current))
        return replicas

    def _normalized(self, current: int, desired: int, now: float) -> int:
        recommended = stabilized(current, desired, self.behavior, self._history, now)
        self._history.recommendations.append((now, desired))
        self._history.forget_before(now - self._longest_window)
        if recommended > current:
            limit = scale_up_limit(current, self.behavior.scale_up, self._history, now)
            return min(recommended, limit, self.bounds.most)
        if recommended < current:
            limit = scale_down_limit(current, self.behavior.scale_down, self._history, now)
            return max(recommended, limit, self.bounds.least)
        return current

    @property
    def _longest_window(self) -> int:
        both = (self.behavior.scale_up, self.behavior.scale_down)
        periods = [policy.period_seconds for rules in both for policy in rules.policies]
        return max(*(rules.stabilization_window_seconds for rules in both), *periods, SYNC_SECONDS)


def _largest(current: int, proposals: Sequence[int | None]) -> int | None:
    known = [proposal for proposal in proposals if proposal is not None]
    if not known or (len(known) < len(proposals) and max(known) < current):
        return None
    return max(known)
