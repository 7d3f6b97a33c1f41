"""Calms the probabilities of one face over time, and its label.

The mean is exponential over log-probabilities, with a time constant in seconds: the same
at five frames a second as at thirty.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# A probability of zero would hold its label down for ever.
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """How calm the answers are.

    Attributes:
        time_constant_seconds: after it, a sudden change shows by two thirds; 0 switches
            smoothing off.
        hold_seconds: how long another label must lead before it is shown.
    """

    time_constant_seconds: float = 0.4
    hold_seconds: float = 0.3


@dataclass(frozen=True, slots=True)
class Smoothed:
    """What is shown of a face now."""

    probabilities: tuple[float, ...]
    top: int


class ExpressionFilter:
    """One face's expressions over time."""

    def __init__(self, smoothing: Smoothing) -> None:
        self._smoothing = smoothing
        self._logs: list[float] = []
        self._at = 0.0
        self._shown = -1
        self._rival = -1
        self._rival_since = 0.0

    def update(self, at_seconds: float, probabilities: Sequence[float]) -> Smoothed:
        """Take a measurement in; `at_seconds` is on a steady clock that does not run back."""
        new = [math.log(max(value, _FLOOR)) for value in probabilities]
        share = self._share(at_seconds)
        old = self._logs or new
        self._logs = [
            before + share * (after - before) for before, after in zip(old, new, strict=True)
        ]
        self._at = at_seconds
        smoothed = _normalised(self._logs)
        leader = max(range(len(smoothed)), key=smoothed.__getitem__)
        return Smoothed(smoothed, self._hold(at_seconds, leader))

    def _share(self, at_seconds: float) -> float:
        """How much of the new measurement counts."""
        constant = self._smoothing.time_constant_seconds
        if not self._logs or constant <= 0:
            return 1.0
        return 1 - math.exp(-(at_seconds - self._at) / constant)

    def _hold(self, at_seconds: float, leader: int) -> int:
        """Change the label only when another one has led long enough."""
        if leader == self._shown or self._shown < 0:
            self._shown, self._rival = leader, -1
        elif leader != self._rival:
            self._rival, self._rival_since = leader, at_seconds
        if self._rival >= 0 and at_seconds - self._rival_since >= self._smoothing.hold_seconds:
            self._shown, self._rival = self._rival, -1
        return self._shown


def _normalised(logs: Sequence[float]) -> tuple[float, ...]:
    highest = max(logs)
    shares = [math.exp(value - highest) for value in logs]
    total = math.fsum(shares)
    return tuple(share / total for share in shares)
