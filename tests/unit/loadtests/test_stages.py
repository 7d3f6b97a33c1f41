"""Stages follow each other, and what each one brought is told apart."""

import pytest

from mien_loadtests.stages import Count, Stage, StageFigures, figures_between, scaled, stage_at

STAGES = (Stage(30, 4), Stage(10, 40), Stage(1.5, 4))


@pytest.mark.parametrize(
    ("seconds", "index"),
    [(0, 0), (29.9, 0), (30, 1), (39.9, 1), (40, 2), (41.4, 2), (41.5, None), (99, None)],
)
def test_each_time_has_its_stage(seconds: float, index: int | None) -> None:
    """Until the last one is over."""
    assert stage_at(STAGES, seconds) == index


def test_stages_are_shortened_to_what_can_still_be_seen() -> None:
    """Two seconds; what was shorter before is not made longer."""
    assert scaled(STAGES, 1.0) == STAGES
    assert scaled(STAGES, 0.1) == (Stage(3, 4), Stage(2, 40), Stage(1.5, 4))
    assert scaled(STAGES, 2.0) == (Stage(60, 4), Stage(20, 40), Stage(3, 4))


def test_figures_are_what_came_in_between() -> None:
    """Of the stage alone: what was counted before it is taken away."""
    begin = Count(10.0, requests=4, failures=1, times={20: 3, 900: 1})
    end = Count(20.0, requests=104, failures=6, times={20: 93, 50: 9, 900: 2})
    found = figures_between(8, begin, end)
    assert found == StageFigures(8, 10.0, 100, 5, 0.02, 0.05, 0.05)
    assert found.rate == pytest.approx(9.5)
    late = figures_between(8, begin, Count(20.0, 8, 1, {20: 5, 900: 3}))
    assert (late.p50_seconds, late.p99_seconds) == (0.02, 0.9)


def test_a_stage_without_answers_has_no_times() -> None:
    """Nor a rate."""
    count = Count(10.0, requests=4, failures=0, times={20: 4})
    assert figures_between(8, count, count) == StageFigures(8, 0, 0, 0, 0, 0, 0)
    assert figures_between(8, count, count).rate == 0
