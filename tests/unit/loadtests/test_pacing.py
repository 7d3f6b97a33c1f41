"""A request's time counts from when it was due; what was due and not begun is known."""

import pytest

from mien_loadtests.pacing import Pace, Tally


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.now


def test_requests_are_due_at_a_constant_rate() -> None:
    """However the user's work is spread in between."""
    clock = Clock()
    pace = Pace(4.0, clock)
    pace.start(0.5)
    assert pace.seconds_left() == pytest.approx(0.125)
    clock.now += 0.125
    assert pace.begin() == pytest.approx(100.125)
    clock.now += 0.05
    assert pace.seconds_left() == pytest.approx(0.2)


def test_a_late_request_counts_from_when_it_was_due() -> None:
    """A slow answer shows in the figures of those that had to wait behind it."""
    clock = Clock()
    pace = Pace(10.0, clock)
    pace.start(0)
    assert pace.begin() == 100.0
    clock.now += 0.35
    assert pace.seconds_left() == 0
    assert [pace.begin() for _ in range(4)] == pytest.approx([100.1, 100.2, 100.3, 100.4])
    assert pace.seconds_left() == pytest.approx(0.15)


def test_what_was_due_and_not_begun_is_owed() -> None:
    """The first request is due at once, then one every tenth of a second."""
    clock = Clock()
    pace = Pace(10.0, clock)
    assert pace.owed() == (0, 0)
    pace.start(0.5)
    assert pace.owed() == (0, 0)
    clock.now += 0.05 + 0.95
    pace.begin()
    assert pace.owed() == (10, 1)


def test_a_closed_loop_is_never_late() -> None:
    """Each request is due when the user is free."""
    clock = Clock()
    pace = Pace(0, clock)
    pace.start(0.7)
    assert pace.seconds_left() == 0
    clock.now += 3
    assert pace.begin() == 103.0
    assert pace.seconds_left() == 0
    assert pace.owed() == (1, 1)


def test_a_tally_adds_users_and_workers_up() -> None:
    """And begins anew once it was told on."""
    tally = Tally()
    assert tally.pace == 0
    tally.add(10, 10)
    tally.add(30, 20)
    assert tally.pace == pytest.approx(0.75)
    assert tally.take() == (40, 30)
    assert tally.take() == (0, 0)
