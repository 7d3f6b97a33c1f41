"""What Mien is to reach, and whether this run did."""

from collections.abc import Iterator
from dataclasses import dataclass

from mien_bench.measuring.figures import Interval
from mien_bench.reports.blocks import Table
from mien_bench.reports.words import spread
from mien_bench.rivals.standing import Figure, Standing
from mien_bench.rivals.systems import System

_THESIS = "thesis"
_EQUALS = ("litserve", "litserve-mien", "bentoml", "bentoml-mien")
_CACHED = "mien-cached"
_TIMES, _SHARE, _CACHED_RATE = 5, 1 / 3, 1500


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal, what was measured, and whether that is enough."""

    text: str
    measured: Interval
    reached: bool


def goals(standing: Standing) -> Iterator[Goal]:
    """Yield every goal for which what it needs was measured, at the most clients."""
    measured = {system.name: system for system in standing.plan.systems}
    clients = max(standing.plan.clients)
    if _THESIS in measured:
        thesis = (measured[_THESIS], "one-face", clients)
        yield _at_least("theses' design, one face: throughput", _TIMES, standing, thesis)
        p99 = standing.duel(*thesis, Figure.P99).times
        yield Goal("theses' design, one face: p99 at most 1/3", p99, p99.value <= _SHARE)
    for name in _EQUALS:
        if name in measured:
            other = measured[name]
            for picture, shown in (("one-face", "one face"), ("ten-faces", "ten faces")):
                point = (other, picture, clients)
                yield _at_least(f"{other.label}, {shown}: throughput", 1, standing, point)
    if _CACHED in measured:
        rate = standing.value(measured[_CACHED], "one-face", clients, Figure.RATE)
        text = f"the same picture again: at least {_CACHED_RATE:,} a second"
        yield Goal(text, rate, rate.value >= _CACHED_RATE)


def table(standing: Standing) -> Table:
    """Return every goal and whether it was reached."""
    rows = [
        [goal.text, spread(goal.measured), "yes" if goal.reached else "**no**"]
        for goal in goals(standing)
    ]
    return Table(["Mien's figure as a multiple of", "measured", "reached"], rows)


def _at_least(text: str, times: int, standing: Standing, point: tuple[System, str, int]) -> Goal:
    measured = standing.duel(*point, Figure.RATE).times
    return Goal(f"{text} at least {times}", measured, measured.value >= times)
