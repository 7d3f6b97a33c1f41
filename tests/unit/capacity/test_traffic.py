"""A day's traffic."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mien_capacity.traffic import DAY_SECONDS, Traffic, frames_per_second


def test_the_same_seed_gives_the_same_day() -> None:
    """And another one another."""
    traffic = Traffic(peak=100)
    assert np.array_equal(frames_per_second(traffic), frames_per_second(traffic))
    other = frames_per_second(traffic.model_copy(update={"seed": 6}))
    assert not np.array_equal(frames_per_second(traffic), other)


@settings(max_examples=10, deadline=None)
@given(st.floats(1, 1e5), st.integers(0, 100))
def test_the_spike_reaches_the_peak_and_nothing_goes_beyond(peak: float, seed: int) -> None:
    """It lasts its half hour."""
    day = frames_per_second(Traffic(peak=peak, seed=seed))
    assert len(day) == DAY_SECONDS
    assert day.min() > 0
    assert day.max() <= peak * (1 + 1e-9)
    full = np.flatnonzero(day > 0.999 * peak)
    assert {19 * 3600 + 600, 19 * 3600 + 1200} <= set(full.tolist())


def test_night_is_quiet_and_afternoon_is_busy() -> None:
    """By the shares that were given."""
    day = frames_per_second(Traffic(peak=1000, noise=0))
    assert day[3 * 3600] < 60
    assert abs(day[15 * 3600] - 600) < 1
