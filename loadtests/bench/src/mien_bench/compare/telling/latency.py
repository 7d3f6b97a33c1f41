"""How long an answer takes, by clients."""

from functools import partial

from mien_bench.compare.plan import SERVED, Cell, Way
from mien_bench.compare.rows import Round
from mien_bench.compare.telling.figures import Figures, Value
from mien_bench.compare.telling.words import LOOKS, count, name, times, told
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import number, spread
from mien_models.registry import Framework

SHORT = {Way.GATEWAY: "gateway", Way.SERVER: "model server", Way.GRAPH: "graph, in process"}
"""For plots."""
TITLES = {
    Way.GATEWAY: "through the gateway",
    Way.SERVER: "straight to the model server",
    Way.GRAPH: "in process: TorchScript, tf.function",
}
_PERCENTILES: dict[str, Value] = {
    "p50": lambda one: one.p50_ms,
    "p95": lambda one: one.p95_ms,
    "p99": lambda one: one.p99_ms,
}


def section(figures: Figures) -> Section | None:
    """Return plot, sentences and table, or None where nothing was served."""
    if not served(figures):
        return None
    blocks: list[Block] = [
        Text(_sentences(figures)),
        Plot("latency", partial(_plot, figures), _ALT),
    ]
    return Section("Latency by clients", [*blocks, *(_table(figures, p) for p in figures.pairs)])


_ALT = "Median and 99th percentile of the latency over the number of clients, per framework"


def by_clients(figures: Figures, pair: str, way: Way) -> list[Cell]:
    """Return the cells with one face in a message, the fewest clients first."""
    return sorted(figures.find(pair, way, batch=1))


def _sentences(figures: Figures) -> str:
    lines = []
    for pair, way in served(figures):
        cells = by_clients(figures, pair, way)
        first = figures.compared(cells[0], lambda one: one.p50_ms)
        lines.append(
            f"- `{pair}` {TITLES[way]}, {count(cells[0].clients, 'client')}, median: "
            f"{told(first, 'ms')}."
        )
        if cells[-1].clients > 1:
            lines.append(f"  {_queueing(figures, cells[-1])}")
    return "\n".join(lines)


def _queueing(figures: Figures, cell: Cell) -> str:
    """Hold the median under load against what waiting in line alone would make of it."""
    median = figures.compared(cell, lambda one: one.p50_ms)
    expected = figures.compared(cell, _little)
    parts = [
        f"{name(framework)} {number(median.of(framework).value)} ms "
        f"({number(expected.of(framework).value)} ms)"
        for framework in Framework
    ]
    return (
        f"With {cell.clients} it is {parts[0]} and {parts[1]}; in brackets, clients divided by "
        "answers a second: what each waits for when the others are served in turn."
    )


def _little(one: Round) -> float:
    return 1000 * one.clients / one.rate


def served(figures: Figures) -> list[tuple[str, Way]]:
    """Return what was measured with one face in a message: a panel each."""
    places = [(pair, way) for pair in figures.pairs for way in SERVED]
    return [(pair, way) for pair, way in places if by_clients(figures, pair, way)]


def _plot(figures: Figures) -> str:
    places = served(figures)
    with plots.figure(len(places)) as (figure, panels):
        for axes, (pair, way) in zip(panels, places, strict=True):
            cells = by_clients(figures, pair, way)
            clients = [cell.clients for cell in cells]
            for framework, look in LOOKS.items():
                for label, style in (("p50", "-"), ("p99", ":")):
                    values = [
                        figures.compared(cell, _PERCENTILES[label]).of(framework) for cell in cells
                    ]
                    shown = plots.Look(f"{look.label} {label}", look.color, look.marker)
                    plots.line(axes, clients, values, shown, style)
            axes.set(title=f"{pair}, {SHORT[way]}", xlabel="clients", ylabel="latency, ms")
            axes.set(xscale="log", yscale="log")
            plots.log_axis(axes.yaxis)
            axes.minorticks_off()
            axes.set_xticks(clients, map(str, clients))
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _table(figures: Figures, pair: str) -> Table:
    rows = []
    for cell in (cell for way in SERVED for cell in by_clients(figures, pair, way)):
        for label, value in _PERCENTILES.items():
            found = figures.compared(cell, value)
            rows.append(
                (
                    f"{TITLES[cell.way]}, {count(cell.clients, 'client')}",
                    label,
                    *(spread(found.of(framework)) for framework in Framework),
                    times(found),
                )
            )
    headers = (f"`{pair}`", "", "PyTorch, ms", "TensorFlow, ms", "TensorFlow / PyTorch")
    return Table(headers, rows, numbers_from=2)
