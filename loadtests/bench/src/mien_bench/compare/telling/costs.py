"""What it costs: CPU time, memory, time to start, size on disk."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from mien_bench.compare.plan import SERVED, Cell
from mien_bench.compare.rows import (
    COLD_START,
    MEMORY_FRESH,
    MEMORY_LOADED,
    MODEL_SIZE,
    UNPACKED_SIZE,
    WEIGHTS_SIZE,
)
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.latency import SHORT, TITLES
from mien_bench.compare.telling.words import LOOKS, count, name, times, told
from mien_bench.measuring.figures import Interval
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import listed, spread
from mien_models.registry import Framework

_OF_SERVERS = ((COLD_START, "s"), (MEMORY_FRESH, "MiB"), (MEMORY_LOADED, "MiB"))
_OF_MODELS = (MODEL_SIZE, UNPACKED_SIZE, WEIGHTS_SIZE)
_CPU = """\
CPU time is that of the server's processes, less what they use while nobody asks; through the
gateway it is that of all parts together."""
_STARTS = """\
Each server was started alone, with its files read before, and asked until every model that is
compared had answered. Memory is what its processes would free if they ended (PSS); each
server has every model of the registry loaded."""


def cpu(figures: Figures) -> Section | None:
    """Return sentences and a table of CPU milliseconds per face, or None without any load."""
    if not _cells(figures):
        return None
    lines, rows = [], []
    for cell in _cells(figures):
        found = figures.compared(cell, lambda one: one.cpu_ms_per_face)
        label = f"`{cell.pair}` {_label(cell)}"
        lines.append(f"- {label}: {told(found, 'ms')}.")
        rows.append((label, *(spread(found.of(twin)) for twin in Framework), times(found)))
    alt = "CPU milliseconds per face, per way and framework"
    shown = Plot("cpu", partial(_plot_cpu, figures), alt)
    headers = ("CPU, ms per face", "PyTorch", "TensorFlow", "TensorFlow / PyTorch")
    blocks: list[Block] = [Text(_CPU), Text("\n".join(lines)), shown]
    return Section("CPU time per face", [*blocks, Table(headers, rows)])


def footprint(figures: Figures) -> Section | None:
    """Return a plot and a table of starts, memory and sizes, or None where there are no facts."""
    if not figures.results.facts:
        return None
    alt = "Seconds to the first answer, memory and size of the exported model, per framework"
    shown = Plot("footprint", partial(_plot, figures), alt)
    rows = []
    for what, unit in _OF_SERVERS:
        rows.append((f"{what}, {unit}", *_facts(figures, what)))
    for pair in figures.pairs:
        rows += [(f"`{pair}` {what}, MB", *_facts(figures, what, pair)) for what in _OF_MODELS]
    blocks: list[Block] = [Text(_STARTS), Text(_starts(figures)), shown]
    table = Table(("", *(name(twin) for twin in Framework)), rows)
    return Section("Start, memory and size", [*blocks, table])


def _cells(figures: Figures) -> list[Cell]:
    """Return the served cells with the fewest and the most clients, and the largest batch."""
    chosen = []
    for pair in figures.pairs:
        for way in SERVED:
            cells = figures.find(pair, way)
            single = sorted(cell for cell in cells if cell.batch == 1)
            chosen += [*single[:1], *single[1:][-1:], *sorted(set(cells) - set(single))[-1:]]
    return chosen


def _label(cell: Cell) -> str:
    faces = f", {cell.batch} faces in a message" if cell.batch > 1 else ""
    return f"{TITLES[cell.way]}, {count(cell.clients, 'client')}{faces}"


def _short(cell: Cell) -> str:
    faces = f"\n{cell.batch} faces each" if cell.batch > 1 else ""
    return f"{SHORT[cell.way]}\n{count(cell.clients, 'client')}{faces}"


def _facts(figures: Figures, what: str, pair: str = "") -> list[str]:
    found = [figures.fact(twin, what, pair) for twin in Framework]
    return ["?" if one is None else spread(one) for one in found]


def _starts(figures: Figures) -> str:
    said = []
    for what, unit in _OF_SERVERS:
        parts = [
            f"{name(twin)} {spread(one, unit)}"
            for twin in Framework
            if (one := figures.fact(twin, what)) is not None
        ]
        if parts:
            said.append(f"- {what.capitalize()}: {listed(parts)}.")
    return "\n".join(said)


def _plot_cpu(figures: Figures) -> str:
    with plots.figure(len(figures.pairs), columns=1, height=2.8) as (figure, panels):
        for axes, pair in zip(panels, figures.pairs, strict=False):
            cells = [cell for cell in _cells(figures) if cell.pair == pair]
            found = [figures.compared(cell, lambda one: one.cpu_ms_per_face) for cell in cells]
            groups = {look: [one.of(twin) for one in found] for twin, look in LOOKS.items()}
            plots.bars(axes, [_short(cell) for cell in cells], groups)
            axes.set(title=pair, ylabel="CPU, ms per face")
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _plot(figures: Figures) -> str:
    with plots.figure(3, columns=3, height=3.4) as (figure, panels):
        _facts_panel(panels[0], figures, [(COLD_START, "")], "first answer after start, s")
        memory = [(MEMORY_FRESH, ""), (MEMORY_LOADED, "")]
        _facts_panel(panels[1], figures, memory, "memory, MiB")
        files = [(MODEL_SIZE, pair) for pair in figures.pairs]
        _facts_panel(panels[2], figures, files, "what the server is given, MB")
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _facts_panel(
    axes: Axes, figures: Figures, facts: Sequence[tuple[str, str]], label: str
) -> None:
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    groups = {
        look: [figures.fact(twin, what, pair) or nothing for what, pair in facts]
        for twin, look in LOOKS.items()
    }
    names = [(pair or what).replace(" ", "\n", 1).replace("-", "-\n") for what, pair in facts]
    plots.bars(axes, names, groups)
    axes.set(ylabel=label)
