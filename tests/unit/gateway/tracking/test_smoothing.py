"""Expressions over time are calmed, at any frame rate alike."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.tracking.smoothing import ExpressionFilter, Smoothing

HAPPY, SAD = (0.9, 0.1), (0.1, 0.9)


def shares(values: list[float]) -> tuple[float, ...]:
    """A distribution of them."""
    total = sum(values)
    return tuple(value / total for value in values)


distributions = st.lists(st.floats(0.001, 1), min_size=7, max_size=7).map(shares)


@given(st.lists(st.tuples(st.floats(0, 0.5), distributions), min_size=1, max_size=20))
def test_the_answer_is_always_a_distribution(frames: list[tuple[float, tuple[float, ...]]]) -> None:
    """And lies between what was measured, label by label, up to the norm."""
    calm = ExpressionFilter(Smoothing())
    now = 0.0
    for wait, measured in frames:
        now += wait
        smoothed = calm.update(now, measured)
        assert math.fsum(smoothed.probabilities) == pytest.approx(1)
        assert all(0 <= value <= 1 for value in smoothed.probabilities)


@given(st.lists(distributions, min_size=1, max_size=5))
def test_without_a_time_constant_nothing_is_changed(frames: list[tuple[float, ...]]) -> None:
    """But what lies below the floor."""
    raw = ExpressionFilter(Smoothing(time_constant_seconds=0, hold_seconds=0))
    for place, measured in enumerate(frames):
        found = raw.update(place / 10, measured).probabilities
        assert found == pytest.approx(measured, abs=1e-3)


@pytest.mark.parametrize("rate", [5, 15, 30, 60])
def test_a_change_shows_by_its_time_not_by_its_frames(rate: int) -> None:
    """One time constant after it, two thirds of the way, in log-probabilities."""
    calm = ExpressionFilter(Smoothing(time_constant_seconds=0.4, hold_seconds=0))
    calm.update(0, HAPPY)
    for frame in range(1, round(0.4 * rate) + 1):
        smoothed = calm.update(frame / rate, SAD).probabilities
    before, after = math.log(0.9 / 0.1), math.log(0.1 / 0.9)
    now = math.log(smoothed[0] / smoothed[1])
    assert (before - now) / (before - after) == pytest.approx(1 - math.exp(-1), abs=0.02)


def test_another_label_must_lead_for_a_while() -> None:
    """And a short lead is forgotten."""
    calm = ExpressionFilter(Smoothing(time_constant_seconds=0, hold_seconds=0.3))
    assert calm.update(0.0, HAPPY).top == 0
    assert calm.update(0.1, SAD).top == 0
    assert calm.update(0.2, HAPPY).top == 0
    assert calm.update(0.3, SAD).top == 0
    assert calm.update(0.5, SAD).top == 0
    assert calm.update(0.61, SAD).top == 1
    assert calm.update(0.7, HAPPY).top == 1


def test_a_zero_does_not_hold_a_label_down_for_ever() -> None:
    """It comes back as the others do."""
    calm = ExpressionFilter(Smoothing(time_constant_seconds=0.4, hold_seconds=0))
    calm.update(0, (1.0, 0.0))
    for frame in range(1, 31):
        smoothed = calm.update(frame / 10, (0.0, 1.0))
    assert smoothed.top == 1
    assert smoothed.probabilities[1] > 0.9
