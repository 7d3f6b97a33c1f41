"""The twins in turns: first one, then twice the other, then the first again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Cell
from mien_bench.compare.rows import Round
from mien_bench.measuring.figures import percentile
from mien_models.registry import Framework


@dataclass(frozen=True, slots=True)
class Slice:
    """A short while of one twin alone."""

    latencies: Sequence[float]
    """Seconds of each right answer."""
    seconds: float
    failures: Sequence[str]
    cpu_seconds: float
    """What the measured processes used, less what they use idle."""


Measure = Callable[[Framework], Awaitable[Slice]]


async def in_turns(cell: Cell, number: int, measure: Measure) -> list[Round]:
    """Return the round of each twin: a machine that gets slower or faster meets both alike.

    The next round begins with the other twin.
    """
    first, second = (PYTORCH, TENSORFLOW) if number % 2 else (TENSORFLOW, PYTORCH)
    slices: dict[Framework, list[Slice]] = {PYTORCH: [], TENSORFLOW: []}
    for framework in (first, second, second, first):
        slices[framework].append(await measure(framework))
    return [_round(cell, number, framework, taken) for framework, taken in slices.items()]


def _round(cell: Cell, number: int, framework: Framework, slices: Sequence[Slice]) -> Round:
    latencies = [1000 * latency for one in slices for latency in one.latencies]
    seconds = sum(one.seconds for one in slices)
    answers = len(latencies)
    cpu_seconds = sum(one.cpu_seconds for one in slices)
    return Round(
        pair=cell.pair,
        framework=framework,
        way=cell.way,
        clients=cell.clients,
        batch=cell.batch,
        round=number,
        p50_ms=percentile(latencies, 0.5),
        p95_ms=percentile(latencies, 0.95),
        p99_ms=percentile(latencies, 0.99),
        rate=answers / seconds if seconds else 0.0,
        answers=answers,
        failures=sum(len(one.failures) for one in slices),
        cpu_ms_per_face=1000 * cpu_seconds / (answers * cell.batch) if answers else float("nan"),
    )
