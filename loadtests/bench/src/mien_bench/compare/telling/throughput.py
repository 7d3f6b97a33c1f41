"""How many answers a second, and where that ends."""

from mien_bench.compare.plan import SERVED, Cell, Way
from mien_bench.compare.rows import SERVER_THREADS
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.latency import SHORT, TITLES, by_clients
from mien_bench.compare.telling.words import LOOKS, count, times, told
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import spread
from mien_models.registry import Framework


def section(figures: Figures) -> Section:
    """Return plot, sentences and table."""
    alt = "Answers a second by the number of clients, per framework"
    blocks: list[Block] = [
        Text(_sentences(figures)),
        Plot("throughput", _plot(figures), alt),
        _table(figures),
    ]
    return Section("Throughput", blocks)


def saturated(figures: Figures, pair: str, way: Way) -> Cell | None:
    """Return the cell with the most clients."""
    cells = by_clients(figures, pair, way)
    return cells[-1] if cells else None


def _sentences(figures: Figures) -> str:
    lines = []
    for pair in figures.pairs:
        for way in SERVED:
            if cell := saturated(figures, pair, way):
                found = figures.compared(cell, lambda one: one.rate)
                lines.append(
                    f"- `{pair}` {TITLES[way]}, {count(cell.clients, 'client')}: "
                    f"{told(found, 'answers a second', less_is_better=False)}."
                )
    threads = figures.results.conditions.get(SERVER_THREADS)
    return "\n".join([*lines, f"\nEqual threads: {threads}." if threads else ""])


def _plot(figures: Figures) -> str:
    with plots.figure(len(SERVED), len(figures.pairs)) as (figure, panels):
        places = ((pair, way) for pair in figures.pairs for way in SERVED)
        for axes, (pair, way) in zip(panels, places, strict=True):
            cells = by_clients(figures, pair, way)
            found = [figures.compared(cell, lambda one: one.rate) for cell in cells]
            if found:
                names = [str(cell.clients) for cell in cells]
                groups = {look: [one.of(twin) for one in found] for twin, look in LOOKS.items()}
                plots.bars(axes, names, groups)
            axes.set(title=f"{pair}, {SHORT[way]}", xlabel="clients", ylabel="answers a second")
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _table(figures: Figures) -> Table:
    rows = []
    for pair in figures.pairs:
        for cell in (cell for way in SERVED for cell in by_clients(figures, pair, way)):
            found = figures.compared(cell, lambda one: one.rate)
            rows.append(
                (
                    f"`{pair}` {TITLES[cell.way]}, {count(cell.clients, 'client')}",
                    *(spread(found.of(framework)) for framework in Framework),
                    times(found),
                )
            )
    return Table(("answers a second", "PyTorch", "TensorFlow", "TensorFlow / PyTorch"), rows)
