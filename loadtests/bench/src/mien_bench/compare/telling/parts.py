"""What an answer's time is made of: the graph, its server, the gateway with the detector."""

from functools import partial

from mien_bench.compare.plan import Way
from mien_bench.compare.telling.figures import Figures, layers
from mien_bench.compare.telling.words import name
from mien_bench.reports import plots
from mien_bench.reports.blocks import Plot, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import number
from mien_models.registry import Framework

_WAYS = (Way.GRAPH, Way.SERVER, Way.GATEWAY)
_LOOKS = (
    plots.Look("the graph, in process", "#666666"),
    plots.Look("its server: gRPC, queue, worker", "#56b4e9"),
    plots.Look("gateway and face detector", "#009e73"),
)
_ABOUT = """\
One client, one face, medians. What the server adds is its answer's time less that of the same
graph in process; what the gateway adds, with the face detector, is its answer's time less the
server's."""


def section(figures: Figures) -> Section | None:
    """Return plot and sentences, or None where one of the ways was not measured."""
    rows = {
        (pair, twin): lengths
        for pair in figures.pairs
        for twin in Framework
        if (lengths := _lengths(figures, pair, twin))
    }
    if not rows:
        return None
    said = "\n".join(_sentence(pair, twin, lengths) for (pair, twin), lengths in rows.items())
    plot = Plot(
        "parts", partial(_plot, rows), "Stacked bars: graph, server, gateway, per framework"
    )
    return Section("Where an answer's time goes", [Text(_ABOUT), Text(said), plot])


def _lengths(figures: Figures, pair: str, twin: Framework) -> list[float]:
    ends = []
    for way in _WAYS:
        cells = figures.find(pair, way, clients=1, batch=1)
        if not cells:
            return []
        ends.append(figures.compared(cells[0], lambda one: one.p50_ms).of(twin).value)
    return layers(*ends)


def _sentence(pair: str, twin: Framework, lengths: list[float]) -> str:
    graph, server, gateway = map(number, lengths)
    return (
        f"- `{pair}`, {name(twin)}: {graph} ms graph, {server} ms server, {gateway} ms gateway and "
        f"detector. The model is {number(100 * lengths[0] / sum(lengths))} % of what a caller "
        "waits for."
    )


def _plot(rows: dict[tuple[str, Framework], list[float]]) -> str:
    with plots.figure(height=1.2 + 0.32 * len(rows)) as (figure, (axes,)):
        names = [f"{pair}, {name(twin)}" for pair, twin in rows]
        plots.stacked(axes, names, dict(zip(_LOOKS, zip(*rows.values(), strict=True), strict=True)))
        axes.set(title="one client, one face", xlabel="median, ms")
        plots.legend(figure, axes)
        return plots.svg(figure)
