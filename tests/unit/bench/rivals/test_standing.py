"""Figures, duels and the sentences made of them."""

import pytest

from mien_bench.rivals import telling
from mien_bench.rivals.goals import goals
from mien_bench.rivals.standing import Figure, Standing
from mien_bench.rivals.systems import SYSTEMS
from tests.unit.bench.rivals.measured import PLAN, results


@pytest.fixture
def standing() -> Standing:
    """Of the made-up run."""
    return Standing(PLAN, results())


def test_a_value_is_the_median_of_the_rounds(standing: Standing) -> None:
    value = standing.value(SYSTEMS["thesis"], "one-face", 16, Figure.RATE)
    assert (value.value, value.low, value.high) == (40.0, 20.0, 60.0)
    assert standing.memory(SYSTEMS["thesis"]).value == 502.0


def test_a_ratio_is_paired_so_that_drift_does_not_count(standing: Standing) -> None:
    duel = standing.duel(SYSTEMS["thesis"], "one-face", 16, Figure.RATE)
    assert (duel.times.value, duel.times.low, duel.times.high) == (5.0, 5.0, 5.0)
    assert duel.ahead
    assert duel.clear
    p99 = standing.duel(SYSTEMS["thesis"], "one-face", 16, Figure.P99)
    assert p99.times.value == pytest.approx(0.2)
    assert p99.ahead


def test_who_is_faster_than_mien_is_named_with_how_much(standing: Standing) -> None:
    said = telling.where_behind(standing).splitlines()
    assert said == [
        "- LitServe, our detection, ten faces, one client: 0.833 times its throughput",
        "- LitServe, our detection, ten faces, one client: 1.20 times its p99",
        "- LitServe, our detection, ten faces, 16 clients: 0.833 times its throughput",
        "- LitServe, our detection, ten faces, 16 clients: 1.20 times its p99",
    ]


def test_every_other_system_is_held_against_mien_at_most_clients(standing: Standing) -> None:
    said = telling.against_each(standing).splitlines()
    more = "1.25 times the throughput at 0.800 of the p99"
    less = "0.833 times the throughput at 1.20 of the p99"
    five = "5.00 times the throughput at 0.200 of the p99"
    assert said[2:] == [
        f"- **theses' design**: one face, {five}; ten faces, {five}.",
        f"- **LitServe, our detection**: one face, {more}; ten faces, {less}.",
    ]


def test_what_the_cache_gives_is_said_apart(standing: Standing) -> None:
    said = telling.from_the_cache(standing, SYSTEMS["mien-cached"])
    assert "4,000 answers a second at 16 clients" in said
    assert "0.500 ms at the median for one client" in said


def test_mien_s_other_rows_are_no_rivals(standing: Standing) -> None:
    assert [system.name for system in standing.others] == ["thesis", "litserve-mien"]


def test_goals_say_what_was_reached_and_what_not(standing: Standing) -> None:
    reached = {goal.text: goal.reached for goal in goals(standing)}
    assert reached == {
        "theses' design, one face: throughput at least 5": True,
        "theses' design, one face: p99 at most 1/3": True,
        "LitServe, our detection, one face: throughput at least 1": True,
        "LitServe, our detection, ten faces: throughput at least 1": False,
        "the same picture again: at least 1,500 a second": True,
    }
