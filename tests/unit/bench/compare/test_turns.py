"""The twins in turns."""

import math

import pytest

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Cell, Way
from mien_bench.compare.turns import Slice, in_turns
from mien_models.registry import Framework

CELL = Cell("fer2013-squeezenet", Way.SERVER, 4, 2)
P, T = PYTORCH, TENSORFLOW


@pytest.mark.parametrize(("number", "order"), [(1, (P, T, T, P)), (2, (T, P, P, T))])
async def test_each_is_asked_twice_and_nobody_is_always_first(
    number: int, order: tuple[Framework, ...]
) -> None:
    """What gets slower with time meets both alike."""
    asked: list[Framework] = []

    async def measure(framework: Framework) -> Slice:
        asked.append(framework)
        return Slice([0.01], 0.5, [], 0.1)

    await in_turns(CELL, number, measure)
    assert tuple(asked) == order


async def test_the_slices_of_a_round_count_as_one() -> None:
    """Percentiles are those of all answers together, and costs are shared among their faces."""
    slices = iter([Slice([0.01, 0.03], 0.5, ["no"], 0.1), Slice([0.02], 1.0, [], 0.2)])

    async def measure(framework: Framework) -> Slice:
        return next(slices) if framework is PYTORCH else Slice([], 0.5, ["a", "b"], 0.0)

    torch, tensorflow = await in_turns(CELL, 1, measure)
    assert (torch.framework, torch.round, torch.cell) == (PYTORCH, 1, CELL)
    assert torch.p50_ms == pytest.approx(20)
    assert torch.rate == pytest.approx(2)
    assert torch.faces_per_second == pytest.approx(4)
    assert torch.ms_per_face == pytest.approx(10)
    assert torch.cpu_ms_per_face == pytest.approx(50)
    assert (torch.answers, torch.failures) == (3, 1)
    assert math.isnan(tensorflow.p50_ms)
    assert math.isnan(tensorflow.cpu_ms_per_face)
    assert (tensorflow.rate, tensorflow.failures) == (0, 4)
