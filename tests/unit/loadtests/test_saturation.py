"""A ramp says where more users bring no more answers, or too late ones."""

from mien_loadtests.saturation import saturation
from mien_loadtests.scenario import Scenario
from mien_loadtests.stages import Stage, StageFigures
from mien_loadtests.summary import summary
from mien_loadtests.verdict import Limits


def stage(users: int, rate: float, p95: float = 0.05) -> StageFigures:
    return StageFigures(users, 10.0, round(rate * 10), 0, p95 / 2, p95, p95)


def ramp(**limits: float) -> Scenario:
    one = {"x": 1.0}
    return Scenario(
        name="ramp",
        about="",
        pictures=one,
        caches=one,
        protocols=one,
        frameworks=one,
        rate=0,
        stages=(Stage(10, 1),),
        limits=Limits(**limits),
    )


def test_it_is_where_the_rate_stops_to_follow() -> None:
    """Twice the users, and hardly more answers."""
    found = saturation([stage(1, 20), stage(2, 38), stage(4, 40), stage(8, 41)], 0)
    assert found
    assert (found.rate, found.users) == (40, 4)
    assert found.reason == "4 users get 40.0 a second, 2 got 38.0"


def test_it_is_where_the_rate_falls() -> None:
    """The highest rate counts, not the last."""
    found = saturation([stage(1, 20), stage(2, 38), stage(4, 30)], 0)
    assert found
    assert (found.rate, found.users) == (38, 2)


def test_it_is_where_answers_come_too_late() -> None:
    """Whatever the rate does; and what was reached until then counts."""
    found = saturation([stage(1, 20), stage(2, 38), stage(4, 70, p95=0.6)], 0.5)
    assert found
    assert (found.rate, found.users) == (38, 2)
    assert found.reason == "with 4 users p95 is 600 ms, above 500 ms"
    first = saturation([stage(1, 20, p95=0.6)], 0.5)
    assert first
    assert first.rate == 20


def test_a_rate_that_follows_is_not_saturated() -> None:
    """Small steps bring small gains; fewer users need bring none."""
    assert saturation([stage(1, 20), stage(2, 38), stage(4, 70, p95=0.6)], 0) is None
    assert saturation([stage(10, 100), stage(11, 103)], 0) is None
    assert saturation([stage(10, 100), stage(5, 50), stage(10, 98)], 0) is None
    assert saturation([stage(1, 0), stage(2, 0)], 0) is None
    assert saturation([], 0) is None


def test_the_summary_has_a_line_per_stage_and_the_finding() -> None:
    """What a person reads at the end of a ramp."""
    lines = list(summary(ramp(), [stage(1, 20), stage(2, 38), stage(4, 40)]))
    assert lines[0] == "Stages of ramp, right answers:"
    assert lines[3].split() == ["2", "10.0", "38.0", "25", "50", "50", "0"]
    assert lines[5] == (
        "Saturated at 40.0 requests a second, with 4 users: 4 users get 40.0 a second, 2 got 38.0."
    )
    lines = list(summary(ramp(), [stage(1, 20), stage(2, 38)]))
    assert lines[4] == "Not saturated by 2 users: 38.0 requests a second."
    lines = list(summary(ramp(p95_seconds=0.04), [stage(1, 20), stage(2, 38)]))
    assert "above 40 ms" in lines[4]


def test_a_run_that_is_no_ramp_finds_nothing_full() -> None:
    """One stage is in Locust's table; users that come and go are no ramp."""
    assert list(summary(ramp(), [stage(1, 20)])) == []
    lines = list(summary(ramp(), [stage(4, 2), stage(40, 20), stage(4, 2)]))
    assert len(lines) == 6
    assert not any("aturated" in line for line in lines)
