"""How fast an HPA may change: the `behavior` of autoscaling/v2.

After https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
#configurable-scaling-behavior and the functions `calculateScale{Up,Down}Limit...` of
`pkg/controller/podautoscaler/horizontal.go`.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Policy:
    """At most that many pods, or that share of them, in the last seconds."""

    type: Literal["Pods", "Percent"]
    value: int
    period_seconds: int


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """One direction's rules; without policies, as `Disabled`, nothing moves."""

    stabilization_window_seconds: int
    policies: tuple[Policy, ...]
    select_policy: Literal["Max", "Min", "Disabled"] = "Max"


# What the API server fills in: pkg/apis/autoscaling/v2/defaults.go.
DEFAULT_SCALE_UP = ScalingRules(0, (Policy("Percent", 100, 15), Policy("Pods", 4, 15)))
DEFAULT_SCALE_DOWN = ScalingRules(300, (Policy("Percent", 100, 15),))


@dataclass(frozen=True, slots=True)
class Behavior:
    """Both directions."""

    scale_up: ScalingRules = DEFAULT_SCALE_UP
    scale_down: ScalingRules = DEFAULT_SCALE_DOWN


@dataclass(slots=True)
class History:
    """What was recommended and changed lately, each with its second."""

    recommendations: list[tuple[float, int]] = field(default_factory=list)
    changes: list[tuple[float, int]] = field(default_factory=list)
    """Replicas added, negative for removed."""

    def forget_before(self, second: float) -> None:
        """Drop what no window looks at any more."""
        self.recommendations = [entry for entry in self.recommendations if entry[0] >= second]
        self.changes = [entry for entry in self.changes if entry[0] >= second]


def stabilized(current: int, desired: int, behavior: Behavior, history: History, now: float) -> int:
    """Return the replicas between the lowest of the scale-up and the highest of the -down window.

    So nothing goes up before every recommendation of the scale-up window is above it, and
    nothing comes down before every one of the scale-down window is below it.
    """
    up = _since(history.recommendations, now - behavior.scale_up.stabilization_window_seconds)
    down = _since(history.recommendations, now - behavior.scale_down.stabilization_window_seconds)
    return min(max(current, min([desired, *up])), max([desired, *down]))


def scale_up_limit(current: int, rules: ScalingRules, history: History, now: float) -> int:
    """Return the most replicas that the policies allow now."""
    if rules.select_policy == "Disabled" or not rules.policies:
        return current
    allowed = []
    for policy in rules.policies:
        start = current - _net_change(history, now - policy.period_seconds)
        if policy.type == "Pods":
            allowed.append(start + policy.value)
        else:
            allowed.append(math.ceil(start * (100 + policy.value) / 100))
    # An earlier, steeper change may already have used up the allowance.
    return max(current, _choose(rules, allowed, largest_change=max, smallest_change=min))


def scale_down_limit(current: int, rules: ScalingRules, history: History, now: float) -> int:
    """Return the fewest replicas that the policies allow now."""
    if rules.select_policy == "Disabled" or not rules.policies:
        return current
    allowed = []
    for policy in rules.policies:
        start = current - _net_change(history, now - policy.period_seconds)
        if policy.type == "Pods":
            allowed.append(start - policy.value)
        else:
            # Cut, not rounded: 10 % of 72 pods are 8.
            allowed.append(start * (100 - policy.value) // 100)
    return min(current, _choose(rules, allowed, largest_change=min, smallest_change=max))


def _choose(
    rules: ScalingRules,
    allowed: list[int],
    *,
    largest_change: Callable[[Iterable[int]], int],
    smallest_change: Callable[[Iterable[int]], int],
) -> int:
    return smallest_change(allowed) if rules.select_policy == "Min" else largest_change(allowed)


def _net_change(history: History, cutoff: float) -> int:
    return sum(_since(history.changes, cutoff))


def _since(entries: list[tuple[float, int]], cutoff: float) -> list[int]:
    return [value for second, value in entries if second > cutoff]
