"""KEDA's part of a ScaledObject: from nothing to something, and back.

After https://keda.sh/docs/2.17/concepts/scaling-deployments/#activating-and-scaling-thresholds
and `pkg/scaling/executor/scale_scaledobjects.go` of kedacore/keda: KEDA itself moves only between
0 and 1 (or `minReplicaCount`); between 1 and more it leaves the work to the HPA that it makes,
whose metric is external with a target `AverageValue`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mien_capacity.autoscaling.hpa import HorizontalPodAutoscaler

POLLING_SECONDS = 30
COOLDOWN_SECONDS = 300


@dataclass(slots=True)
class ScaledObject:
    """One, with the HPA it makes, whose least number is at least 1."""

    hpa: HorizontalPodAutoscaler
    min_replicas: int = 0
    polling_seconds: int = POLLING_SECONDS
    cooldown_seconds: int = COOLDOWN_SECONDS
    _last_active: float | None = field(default=None)

    def poll(self, current: int, *, active: bool, now: float) -> int:
        """Return the replicas after one polling of the triggers.

        To zero it goes only after `cooldownPeriod` without an active trigger; `cooldownPeriod`
        says nothing about any other scaling down.
        """
        if active:
            self._last_active = now
            return current or max(1, self.min_replicas)
        if current < self.min_replicas:
            return self.min_replicas
        if current and not self.min_replicas and self._has_cooled_down(now):
            return 0
        return current

    def look(self, current: int, proposals: Sequence[int | None], now: float) -> int:
        """Return the replicas after one look of the HPA, which leaves zero alone."""
        return self.hpa.look(current, proposals, now)

    def _has_cooled_down(self, now: float) -> bool:
        return self._last_active is None or self._last_active + self.cooldown_seconds < now


def is_active(values: Sequence[float], thresholds: Sequence[float]) -> bool:
    """Whether any trigger is above, not at, its activation threshold."""
    return any(value > threshold for value, threshold in zip(values, thresholds, strict=True))
