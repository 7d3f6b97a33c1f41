"""What the rounds say: figures with their intervals, and Mien against each of the others."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mien_bench.measuring.figures import Interval, interval, ratio
from mien_bench.rivals.plan import PICTURES, Plan
from mien_bench.rivals.results import Results
from mien_bench.rivals.systems import System


class Figure(StrEnum):
    """A column of the raw data, and whether more of it is better."""

    RATE = "rate"
    P50 = "p50_ms"
    P99 = "p99_ms"
    CPU = "cpu_ms"

    @property
    def more_is_better(self) -> bool:
        """Answers a second are, milliseconds are not."""
        return self is Figure.RATE


@dataclass(frozen=True, slots=True)
class Duel:
    """Mien against another system at one point: how many times its figure."""

    other: System
    picture: str
    clients: int
    figure: Figure
    times: Interval

    @property
    def ahead(self) -> bool:
        """Whether Mien's figure is at least as good."""
        return self.times.value >= 1 if self.figure.more_is_better else self.times.value <= 1

    @property
    def clear(self) -> bool:
        """Whether the interval holds no tie."""
        return not self.times.low <= 1 <= self.times.high


class Standing:
    """The figures of a run."""

    def __init__(self, plan: Plan, results: Results) -> None:
        """Take what was measured by which plan; the first system is ours."""
        self.plan = plan
        self._results = results

    def value(self, system: System, picture: str, clients: int, figure: Figure) -> Interval:
        """Return the figure over the rounds."""
        return interval(self._rounds(system, picture, clients, figure))

    def memory(self, system: System) -> Interval:
        """Return the memory over the rounds, MiB."""
        return interval([one.mib for one in self._results.memory if one.system == system.name])

    @property
    def ours(self) -> System:
        """The row that the others are held against."""
        return self.plan.systems[0]

    @property
    def others(self) -> list[System]:
        """What a user would pick instead."""
        return [system for system in self.plan.systems if not system.name.startswith("mien")]

    def duel(self, other: System, picture: str, clients: int, figure: Figure) -> Duel:
        """Compare ours with another system, round by round."""
        ours = self._rounds(self.ours, picture, clients, figure)
        theirs = self._rounds(other, picture, clients, figure)
        return Duel(other, picture, clients, figure, ratio(ours, theirs))

    def behind(self) -> list[Duel]:
        """Return every duel over throughput and p99 that Mien does not win."""
        points = itertools.product(self.others, PICTURES, self.plan.clients)
        duels = [
            self.duel(*point, figure) for point in points for figure in (Figure.RATE, Figure.P99)
        ]
        return [duel for duel in duels if not duel.ahead]

    def _rounds(
        self, system: System, picture: str, clients: int, figure: Figure
    ) -> Sequence[float]:
        rows = self._results.of(system.name, picture, clients)
        return [float(getattr(row, figure.value)) for row in rows]
