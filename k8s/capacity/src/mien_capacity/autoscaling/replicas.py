"""How many replicas one metric asks for.

After `pkg/controller/podautoscaler/replica_calculator.go` of Kubernetes and its description,
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details:
`desiredReplicas = ceil(currentReplicas * currentMetricValue / desiredMetricValue)`, nothing
where the ratio is within the tolerance of 1, and with caution where pods are not ready or give
no metric.

Pods that are alike stand together in a group: thousands of pods cost no more than a few.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

TOLERANCE = 0.1
"""`--horizontal-pod-autoscaler-tolerance`."""

# Quantities are whole thousandths in the API; what a float adds to them is not meant.
_MILLI = 1000
_FLOAT_NOISE = 1e-9


class Standing(Enum):
    """What the controller makes of a pod."""

    MEASURED = "measured"
    MISSING = "missing"
    """It runs but has no metric yet: it counts against whatever the others ask for."""
    UNREADY = "unready"
    """Pending; for CPU also not ready, or ready for less than one window of the metric."""


@dataclass(frozen=True, slots=True)
class PodGroup:
    """Pods that are alike; `value` is each one's, in the metric's unit."""

    count: int
    standing: Standing
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class PodsTarget:
    """A target for the mean over the pods.

    `missing` is what a pod without a metric is taken for when the others would scale down: the
    whole request (100 %) for a utilization, the target itself for a plain metric.
    """

    target: float
    missing: float

    @classmethod
    def utilization(cls, percent: float) -> "PodsTarget":
        """Make one in percent of the request, as `Resource` metrics have it."""
        return cls(percent / 100, missing=1.0)

    @classmethod
    def average(cls, value: float) -> "PodsTarget":
        """Make one in the metric's own unit, as `Pods` metrics have it."""
        return cls(value, missing=value)


def replicas_for_pods(
    current: int, groups: Iterable[PodGroup], target: PodsTarget, *, tolerance: float = TOLERANCE
) -> int | None:
    """Return what a metric of the pods themselves asks for; None where no pod has one.

    Pods that are not ready make a scale-up smaller, pods without a metric make any change
    smaller, and where that would turn the change round there is none.
    """
    groups = [group for group in groups if group.count]
    measured = [group for group in groups if group.standing is Standing.MEASURED]
    missing = [group for group in groups if group.standing is Standing.MISSING]
    unready = [group for group in groups if group.standing is Standing.UNREADY]
    if not measured:
        return None
    ratio = _mean(measured) / target.target
    rebalanced = bool(unready) and ratio > 1
    if not rebalanced and not missing:
        return current if _near_one(ratio, tolerance) else _ceil(ratio * _count(measured))
    assumed = target.missing if ratio < 1 else 0.0
    considered = measured + [replace(group, value=assumed) for group in missing]
    if rebalanced:
        considered += [replace(group, value=0.0) for group in unready]
    cautious = _mean(considered) / target.target
    turned = (ratio < 1 < cautious) or (cautious < 1 < ratio)
    if turned or _near_one(cautious, tolerance):
        return current
    proposed = _ceil(cautious * _count(considered))
    if (cautious < 1 and proposed > current) or (cautious > 1 and proposed < current):
        return current
    return proposed


def replicas_for_average_value(
    current: int, total: float, target: float, *, tolerance: float = TOLERANCE
) -> int:
    """Return what an external metric with a target `AverageValue` asks for.

    Readiness does not matter here: the total is shared among the replicas that there are.
    """
    if current and _near_one(total / (target * current), tolerance):
        return current
    return _ceil(total / target)


def replicas_for_value(
    current: int, ready: int, value: float, target: float, *, tolerance: float = TOLERANCE
) -> int:
    """Return what an external metric with a target `Value` asks for: the ratio, times the ready."""
    ratio = value / target
    if not current:
        return _ceil(ratio)
    return current if _near_one(ratio, tolerance) else _ceil(ratio * ready)


def _mean(groups: list[PodGroup]) -> float:
    """Return the mean, cut to thousandths as the controller's integers are."""
    total = sum(group.count * group.value for group in groups)
    return math.floor(total / _count(groups) * _MILLI + _FLOAT_NOISE) / _MILLI


def _count(groups: list[PodGroup]) -> int:
    return sum(group.count for group in groups)


def _near_one(ratio: float, tolerance: float) -> bool:
    return abs(1 - ratio) <= tolerance + _FLOAT_NOISE


def _ceil(value: float) -> int:
    return math.ceil(value - _FLOAT_NOISE)
