"""What several faces in one message save."""

from functools import partial

from mien_bench.compare.plan import Cell, Way
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.latency import SHORT, TITLES
from mien_bench.compare.telling.words import LOOKS, count, name, times
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import listed, number, spread
from mien_models.registry import Framework

_WAYS = (Way.SERVER, Way.GRAPH)


def section(figures: Figures) -> Section | None:
    """Return plot, sentences and table, or None where neither way was measured."""
    if not _places(figures):
        return None
    alt = "Milliseconds per face by the number of faces in a message, per framework"
    blocks: list[Block] = [Text(_sentences(figures)), Plot("batches", partial(_plot, figures), alt)]
    return Section("Faces in one message", [*blocks, _table(figures)])


def by_batch(figures: Figures, pair: str, way: Way) -> list[Cell]:
    """Return the cells of the fewest clients, the smallest batch first."""
    cells = figures.find(pair, way)
    fewest = min((cell.clients for cell in cells), default=0)
    return sorted(cell for cell in cells if cell.clients == fewest)


def _places(figures: Figures) -> list[tuple[str, Way]]:
    places = [(pair, way) for pair in figures.pairs for way in _WAYS]
    return [(pair, way) for pair, way in places if by_batch(figures, pair, way)]


def _sentences(figures: Figures) -> str:
    lines = []
    for pair, way in _places(figures):
        cells = by_batch(figures, pair, way)
        if len(cells) > 1:
            lines.append(f"- `{pair}` {TITLES[way]}: {_saved(figures, cells[0], cells[-1])}.")
    return "\n".join(lines)


def _saved(figures: Figures, one: Cell, many: Cell) -> str:
    alone = figures.compared(one, lambda row: row.ms_per_face)
    together = figures.compared(many, lambda row: row.ms_per_face)
    parts = [
        f"{name(twin)} {number(alone.of(twin).value)} ms alone and "
        f"{number(together.of(twin).value)} ms each in a message of {many.batch}"
        for twin in Framework
    ]
    return f"a face takes {listed(parts)}"


def _plot(figures: Figures) -> str:
    places = _places(figures)
    with plots.figure(len(places)) as (figure, panels):
        for axes, (pair, way) in zip(panels, places, strict=True):
            cells = by_batch(figures, pair, way)
            found = [figures.compared(cell, lambda row: row.ms_per_face) for cell in cells]
            batches = [cell.batch for cell in cells]
            for twin, look in LOOKS.items():
                plots.line(axes, batches, [one.of(twin) for one in found], look)
            axes.set(title=f"{pair}, {SHORT[way]}", xlabel="faces in a message")
            axes.set(ylabel="median, ms per face", xscale="log")
            axes.minorticks_off()
            axes.set_xticks(batches, map(str, batches))
            axes.set_ylim(bottom=0)
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _table(figures: Figures) -> Table:
    rows = []
    for pair, way in _places(figures):
        for cell in by_batch(figures, pair, way):
            found = figures.compared(cell, lambda row: row.ms_per_face)
            rows.append(
                (
                    f"`{pair}` {TITLES[cell.way]}, {count(cell.batch, 'face')}",
                    *(spread(found.of(twin)) for twin in Framework),
                    times(found),
                )
            )
    headers = ("median, ms per face", "PyTorch", "TensorFlow", "TensorFlow / PyTorch")
    return Table(headers, rows)
