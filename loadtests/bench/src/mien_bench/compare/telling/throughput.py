"""How many answers a second, and where that ends."""

from functools import partial

from mien_bench.compare.plan import Cell, Way
from mien_bench.compare.rows import SERVER_THREADS
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.latency import SHORT, TITLES, by_clients, served
from mien_bench.compare.telling.words import LOOKS, count, times, told
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import listed, number, spread
from mien_models.registry import Framework


def section(figures: Figures) -> Section | None:
    """Return plot, sentences and table, or None where nothing was served."""
    if not served(figures):
        return None
    alt = "Answers a second by the number of clients, per framework"
    blocks: list[Block] = [
        Text(_sentences(figures)),
        Plot("throughput", partial(_plot, figures), alt),
        _table(figures),
    ]
    return Section("Throughput", blocks)


def _sentences(figures: Figures) -> str:
    lines = []
    for pair, way in served(figures):
        cells = by_clients(figures, pair, way)
        found = figures.highest(cells, lambda one: one.rate)
        clients = listed([str(cell.clients) for cell in cells])
        lines.append(
            f"- `{pair}` {TITLES[way]}, the best of {clients} clients: "
            f"{told(found, 'answers a second', less_is_better=False)}. {_busy(figures, cells[-1])}"
        )
    threads = figures.results.conditions.get(SERVER_THREADS)
    return "\n".join([*lines, f"\nEqual threads: {threads}." if threads else ""])


def _busy(figures: Figures, cell: Cell) -> str:
    """Say how much of the machine that takes; the clients have the rest, or it waits."""
    busy = figures.compared(cell, lambda one: one.rate * one.batch * one.cpu_ms_per_face / 1000)
    who = "all parts" if cell.way is Way.GATEWAY else "the server's processes"
    cores = figures.results.conditions.get("machine", {}).get("logical cores", "?")
    return (
        f"With {count(cell.clients, 'client')} {who} keep {number(busy.pytorch.value)} of {cores} "
        f"cores busy for PyTorch, {number(busy.tensorflow.value)} for TensorFlow."
    )


def _plot(figures: Figures) -> str:
    places = served(figures)
    with plots.figure(len(places)) as (figure, panels):
        for axes, (pair, way) in zip(panels, places, strict=True):
            cells = by_clients(figures, pair, way)
            found = [figures.compared(cell, lambda one: one.rate) for cell in cells]
            names = [str(cell.clients) for cell in cells]
            groups = {look: [one.of(twin) for one in found] for twin, look in LOOKS.items()}
            plots.bars(axes, names, groups)
            axes.set(title=f"{pair}, {SHORT[way]}", xlabel="clients", ylabel="answers a second")
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _table(figures: Figures) -> Table:
    rows = []
    for pair, way in served(figures):
        for cell in by_clients(figures, pair, way):
            found = figures.compared(cell, lambda one: one.rate)
            rows.append(
                (
                    f"`{pair}` {TITLES[cell.way]}, {count(cell.clients, 'client')}",
                    *(spread(found.of(framework)) for framework in Framework),
                    times(found),
                )
            )
    return Table(("answers a second", "PyTorch", "TensorFlow", "TensorFlow / PyTorch"), rows)
