"""What a run does, by its command line."""

from pathlib import Path

import pytest

from mien_bench.compare.options import QUICK_REPORT, REPORT, folder_of, parser, plan_of
from mien_bench.compare.pairs import Pair, pairs_of
from mien_bench.compare.plan import Plan, Way
from mien_bench.errors import BenchError
from mien_models.registry import Registry, load_registry
from mien_stack.settings import StackSettings


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The repository's."""
    return load_registry(StackSettings().registry)


def planned(registry: Registry, *words: str) -> Plan:
    return plan_of(parser().parse_args(words), registry)


def test_all_pairs_are_measured_in_every_way(registry: Registry, plan: Plan, pair: Pair) -> None:
    """One face at 1, 4 and 16 clients; 1, 4 and 16 faces straight and in process."""
    assert [one.name for one in planned(registry).pairs] == [one.name for one in registry.models]
    found = {(cell.way, cell.clients, cell.batch) for cell in plan.cells()}
    assert len(plan.cells()) == len(found)
    assert {*((way, clients, 1) for way in ("gateway", "server") for clients in (1, 4, 16))} < found
    for way in ("server", "graph", "keras-call", "keras-predict", "keras-predict-on-batch"):
        assert {(way, 1, batch) for batch in (1, 4, 16)} < found
    assert {cell.pair for cell in plan.cells()} == {pair.name}


def test_the_quick_form_is_one_short_round_of_one_pair(registry: Registry) -> None:
    """And it does not replace the report that is kept."""
    plan = planned(registry, "--quick")
    assert (len(plan.pairs), plan.rounds, plan.starts) == (1, 1, 1)
    assert {cell.way for cell in plan.cells()} == {*Way}
    assert folder_of(parser().parse_args(["--quick"])) == QUICK_REPORT
    assert folder_of(parser().parse_args([])) == REPORT
    assert folder_of(parser().parse_args(["--quick", "--out", "here"])) == Path("here")


def test_options_win_over_either_form(registry: Registry) -> None:
    """Clients are measured in rising order, each once."""
    words = ["--quick", "--rounds", "2", "--seconds", "0.5", "--clients", "8", "2", "8"]
    plan = planned(registry, *words, "--pairs", registry.models[1].name)
    assert (plan.rounds, plan.seconds, plan.clients) == (2, 0.5, (2, 8))
    assert [one.name for one in plan.pairs] == [registry.models[1].name]
    assert {cell.clients for cell in plan.cells() if cell.way is Way.SERVER} == {2, 8}


@pytest.mark.parametrize("words", ["--rounds 0", "--seconds 0", "--seconds nan", "--clients x"])
def test_what_cannot_be_measured_is_refused(words: str) -> None:
    """By the command line already."""
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args(words.split())


def test_pairs_that_nobody_knows_are_refused(registry: Registry) -> None:
    """With those that there are."""
    with pytest.raises(BenchError, match=r"called nobody; there are: .*fer2013"):
        pairs_of(registry, ["nobody"])
    with pytest.raises(BenchError, match="no model"):
        pairs_of(Registry(()))
