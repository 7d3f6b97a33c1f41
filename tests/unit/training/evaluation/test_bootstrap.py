"""How sure an accuracy is."""

import numpy as np
import pytest

from mien_training.evaluation.bootstrap import accuracy_interval


def test_the_interval_is_that_of_a_binomial() -> None:
    """1.96 standard errors to either side, for a large set."""
    right = np.arange(10_000) % 10 < 7
    error = 1.96 * np.sqrt(0.7 * 0.3 / len(right))
    assert accuracy_interval(right) == pytest.approx((0.7 - error, 0.7 + error), abs=0.001)


def test_it_is_the_same_each_time_and_wider_for_fewer_faces() -> None:
    """A card can be held to it."""
    right = np.arange(400) % 4 > 0
    low, high = accuracy_interval(right)
    assert accuracy_interval(right) == (low, high)
    few_low, few_high = accuracy_interval(right[:40])
    assert few_high - few_low > 2 * (high - low)


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    """Of 200 samples about one in twenty misses."""
    rng = np.random.default_rng(1)
    intervals = [accuracy_interval(rng.random(300) < 0.6) for _ in range(200)]
    covered = np.mean([low <= 0.6 <= high for low, high in intervals])
    assert 0.9 <= covered <= 1.0
