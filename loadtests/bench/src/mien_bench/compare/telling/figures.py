"""Figures over rounds, of what was measured of both twins."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import Cell, Way
from mien_bench.compare.rows import Fact, Results, Round
from mien_bench.measuring.figures import Interval, interval, ratio
from mien_models.registry import Framework

Value = Callable[[Round], float]


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of both twins over the same rounds."""

    pytorch: Interval
    tensorflow: Interval
    ratio: Interval
    """TensorFlow's figure in PyTorch's, paired round by round."""
    rounds: int

    def of(self, framework: Framework) -> Interval:
        """Return one twin's."""
        return self.pytorch if framework is PYTORCH else self.tensorflow


def layers(*ends: float) -> list[float]:
    """Return what each adds to the one before, the last being the whole.

    Noise may make an inner one longer than the whole, or than the next: it then adds nothing.
    """
    inner = [min(max(ends[: place + 1]), ends[-1]) for place in range(len(ends))]
    return [end - start for start, end in pairwise([0.0, *inner])]


class Figures:
    """Answers what was measured; cells of which a twin has no round are as if never asked."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self._rounds: dict[Cell, dict[Framework, dict[int, Round]]] = {}
        for one in results.rounds:
            twins = self._rounds.setdefault(one.cell, {PYTORCH: {}, TENSORFLOW: {}})
            twins[one.framework][one.round] = one

    @cached_property
    def cells(self) -> list[Cell]:
        """Every cell with a round that both twins have right answers in."""
        return [cell for cell in self._rounds if self._paired(cell)]

    @cached_property
    def pairs(self) -> list[str]:
        """Names of the models, in the order in which they were measured."""
        return list(dict.fromkeys(cell.pair for cell in self.cells))

    @property
    def complete_rounds(self) -> int:
        """How many rounds every cell has."""
        return min((len(self._paired(cell)) for cell in self.cells), default=0)

    def find(self, pair: str, *ways: Way, clients: int = 0, batch: int = 0) -> list[Cell]:
        """Return the cells of some ways, of all clients and batches where none are named."""
        return [
            cell
            for cell in self.cells
            if cell.pair == pair
            and cell.way in ways
            and clients in (0, cell.clients)
            and batch in (0, cell.batch)
        ]

    def compared(self, cell: Cell, value: Value) -> Compared:
        """Return a figure of the rounds that both twins have; the cell must be one of `cells`."""
        return self.highest([cell], value)

    def highest(self, cells: Sequence[Cell], value: Value) -> Compared:
        """Return the highest that each twin has in any of the cells, round by round."""
        rounds = zip(*map(self._paired, cells), strict=False)
        pairs = [
            [max(value(one) for one in twins) for twins in zip(*found, strict=True)]
            for found in rounds
        ]
        first, second = zip(*pairs, strict=True)
        return Compared(interval(first), interval(second), ratio(second, first), len(pairs))

    def fact(self, framework: Framework, what: str, pair: str = "") -> Interval | None:
        """Return a figure that is no load, or None where it was not measured."""
        found = [one.value for one in self._facts(framework, what, pair)]
        return interval(found) if found else None

    @property
    def failures(self) -> int:
        """How many answers were not right."""
        return sum(one.failures for one in self.results.rounds)

    @property
    def answers(self) -> int:
        """How many answers were right."""
        return sum(one.answers for one in self.results.rounds)

    def _paired(self, cell: Cell) -> list[tuple[Round, Round]]:
        twins = self._rounds[cell]
        numbers = sorted(twins[PYTORCH].keys() & twins[TENSORFLOW].keys())
        pairs = [(twins[PYTORCH][number], twins[TENSORFLOW][number]) for number in numbers]
        return [pair for pair in pairs if all(math.isfinite(one.p50_ms) for one in pair)]

    def _facts(self, framework: Framework, what: str, pair: str) -> Iterable[Fact]:
        wanted = (framework, what, pair)
        return (one for one in self.results.facts if (one.framework, one.what, one.pair) == wanted)
