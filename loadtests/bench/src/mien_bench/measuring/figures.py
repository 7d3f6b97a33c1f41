"""Figures with their spread: percentiles within a round, confidence over rounds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2000
_SEED = 20250101


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure over repeated rounds: its median, and where 95 % of resampled medians lie."""

    value: float
    low: float
    high: float


def percentile(latencies: Sequence[float], share: float) -> float:
    """Return the latency that a share, 0 to 1, of the requests did not exceed; NaN for none."""
    return float(np.quantile(latencies, share)) if len(latencies) else float("nan")


def interval(rounds: Sequence[float]) -> Interval:
    """Return the median of the rounds with its bootstrapped 95 % interval."""
    return _bootstrapped([np.asarray(rounds, float)], lambda one: np.median(one[0], axis=-1))


def ratio(rounds: Sequence[float], others: Sequence[float]) -> Interval:
    """Return how many times the others' figure this one's is, paired round by round.

    Both were measured in turns, so what the machine does at a time hits both alike.
    """
    pairs = np.asarray(rounds, float) / np.asarray(others, float)
    return interval(pairs.tolist())


def _bootstrapped(
    samples: Sequence[np.ndarray], figure: Callable[[Sequence[np.ndarray]], np.ndarray]
) -> Interval:
    random = np.random.default_rng(_SEED)
    drawn = [one[random.integers(0, len(one), (_RESAMPLES, len(one)))] for one in samples]
    low, high = np.quantile(figure(drawn), (0.025, 0.975))
    return Interval(float(figure(samples)), float(low), float(high))
