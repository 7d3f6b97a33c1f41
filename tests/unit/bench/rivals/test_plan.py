"""What is measured by which command line."""

import itertools

import pytest

from mien_bench.rivals.options import QUICK_REPORTS, REPORTS, parse
from mien_bench.rivals.plan import Supply
from mien_bench.rivals.systems import SYSTEMS


def test_all_is_measured_unless_said_otherwise() -> None:
    options = parse([])
    assert [system.name for system in options.plan.systems] == list(SYSTEMS)
    assert tuple(options.plan.clients) == (1, 4, 16)
    assert options.plan.rounds >= 3
    assert options.out == REPORTS


def test_the_quick_form_is_one_round_and_keeps_off_the_committed_report() -> None:
    options = parse(["--quick"])
    assert options.plan.rounds == 1
    assert {"mien-pytorch", "thesis"} < {system.name for system in options.plan.systems}
    assert options.out == QUICK_REPORTS


def test_mien_is_always_measured() -> None:
    plan = parse(["--systems", "fer,thesis", "--clients", "4,1", "--rounds", "2"]).plan
    assert [system.name for system in plan.systems] == ["mien-pytorch", "thesis", "fer"]
    assert [(point.picture, point.faces, point.clients) for point in plan.points] == [
        ("one-face", 1, 1),
        ("one-face", 1, 4),
        ("ten-faces", 10, 1),
        ("ten-faces", 10, 4),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--systems", "triton"],
        ["--clients", "0"],
        ["--clients", "many"],
        ["--rounds", "0"],
        ["--seconds", "inf"],
    ],
)
def test_nonsense_ends_with_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_each_round_begins_with_another_system() -> None:
    plan = parse([]).plan
    orders = [[system.name for system in plan.order(number)] for number in range(1, 10)]
    assert {order[0] for order in orders} == set(SYSTEMS)
    assert all(sorted(order) == sorted(SYSTEMS) for order in orders)


def test_no_picture_is_sent_twice_whoever_is_asked() -> None:
    supply = Supply()
    taken = [
        data
        for name in ("mien-pytorch", "thesis", "mien-tensorflow")
        for data in itertools.islice(supply.of(SYSTEMS[name], "one-face"), 20)
    ]
    assert len(set(taken)) == 60


def test_what_is_to_come_from_the_cache_is_one_picture() -> None:
    supply = Supply()
    taken = list(itertools.islice(supply.of(SYSTEMS["mien-cached"], "one-face"), 5))
    assert len(set(taken)) == 1
    assert next(supply.of(SYSTEMS["mien-pytorch"], "one-face")) not in taken
