"""Figures over rounds."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Plan, Way
from mien_bench.compare.rows import COLD_START, Results, Round, load_results
from mien_bench.compare.telling.figures import Figures, layers


def p50(one: Round) -> float:
    return one.p50_ms


def test_the_ratio_is_taken_round_by_round(results: Results) -> None:
    """Rounds that differ from one another leave it exact."""
    figures = Figures(results)
    (cell,) = figures.find(figures.pairs[0], Way.GRAPH, batch=1)
    found = figures.compared(cell, p50)
    assert found.rounds == 5
    assert found.pytorch.value == pytest.approx(2.04)
    assert found.tensorflow.value == pytest.approx(3.06)
    assert found.pytorch.low < found.pytorch.value < found.pytorch.high
    assert found.ratio.low == pytest.approx(found.ratio.high) == pytest.approx(1.5)


def test_the_highest_is_looked_for_in_every_round(results: Results) -> None:
    """Each twin may have it in another cell."""
    name = results.rounds[0].pair
    results.rounds = [
        replace(one, rate=500.0)
        if one.framework is TENSORFLOW and one.clients == 4 and one.way is Way.SERVER
        else one
        for one in results.rounds
    ]
    figures = Figures(results)
    cells = figures.find(name, Way.SERVER, batch=1)
    found = figures.highest(cells, lambda one: one.rate)
    assert found.tensorflow.value == 500
    assert found.pytorch.value == figures.compared(cells[0], lambda one: one.rate).pytorch.value


def test_a_round_that_only_one_twin_has_does_not_count(results: Results, plan: Plan) -> None:
    """Such is what an interrupt leaves."""
    last = plan.cells()[-1]
    results.rounds = [
        one
        for one in results.rounds
        if not (one.cell == last and one.framework is TENSORFLOW and one.round > 1)
    ]
    figures = Figures(results)
    assert figures.compared(last, p50).rounds == 1
    assert figures.complete_rounds == 1


def test_a_round_without_a_right_answer_does_not_count(results: Results, plan: Plan) -> None:
    """A cell that has no other is as if it had never been asked for."""
    first = plan.cells()[0]
    results.rounds = [
        replace(one, p50_ms=math.nan) if one.cell == first and one.framework is PYTORCH else one
        for one in results.rounds
    ]
    figures = Figures(results)
    assert first not in figures.cells
    assert len(figures.cells) == len(plan.cells()) - 1


def test_cells_are_found_by_what_is_known_of_them(results: Results) -> None:
    """All of a way, or those of so many clients or faces."""
    figures = Figures(results)
    name = figures.pairs[0]
    assert [cell.clients for cell in figures.find(name, Way.GATEWAY)] == [1, 4, 16]
    assert [cell.batch for cell in figures.find(name, Way.SERVER, clients=1)] == [1, 4, 16]
    assert figures.find(name, Way.GATEWAY, clients=2) == []
    assert figures.find("nobody", Way.GATEWAY) == []


def test_a_fact_that_was_not_measured_is_none(results: Results) -> None:
    """The others have an interval over their repetitions."""
    found = Figures(results).fact(PYTORCH, COLD_START)
    assert found is not None
    assert (found.value, found.low, found.high) == (6, 4, 8)
    assert Figures(results).fact(PYTORCH, "wingspan") is None


@pytest.mark.parametrize(
    ("ends", "parts"),
    [
        ((2.0, 5.0, 9.0), [2, 3, 4]),
        ((2.0, 9.5, 9.0), [2, 7, 0]),
        ((5.0, 2.0, 9.0), [5, 0, 4]),
        ((10.0, 11.0, 9.0), [9, 0, 0]),
    ],
)
def test_layers_make_up_the_whole(ends: tuple[float, ...], parts: list[float]) -> None:
    """Also where noise has made an inner one longer than the next."""
    assert layers(*ends) == parts


def test_what_was_saved_is_what_is_loaded(results: Results, tmp_path: Path) -> None:
    """The report can be written again from the files beside it."""
    results.failures = [f"reason {number}" for number in range(100)]
    results.save(tmp_path)
    loaded = load_results(tmp_path)
    assert loaded.conditions == results.conditions
    assert loaded.facts == results.facts
    assert loaded.failures == results.failures[:20]
    assert [one.cell for one in loaded.rounds] == [one.cell for one in results.rounds]
    assert [p50(one) for one in loaded.rounds] == pytest.approx(list(map(p50, results.rounds)))
    loaded.save(tmp_path / "again")
    again = load_results(tmp_path / "again")
    assert (again.rounds, again.conditions) == (loaded.rounds, loaded.conditions)
