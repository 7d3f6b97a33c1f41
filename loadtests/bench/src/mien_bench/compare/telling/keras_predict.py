"""Where the time of Keras' `predict()` goes, and what a first call costs."""

import math
from functools import partial

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import INSIDE, Way
from mien_bench.compare.rows import FIRST_CALL, LOAD
from mien_bench.compare.telling.figures import Compared, Figures, layers
from mien_bench.compare.telling.words import LOOKS, name, times
from mien_bench.measuring.figures import Interval
from mien_bench.reports import plots
from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Section
from mien_bench.reports.words import listed, number, spread
from mien_models.registry import Framework

NAMES = {
    (Way.GRAPH, PYTORCH): "TorchScript",
    (Way.GRAPH, TENSORFLOW): "`tf.function` of the SavedModel",
    **{(Way.CALL, twin): "Keras `model(faces)`" for twin in Framework},
    **{(Way.ON_BATCH, twin): "Keras `predict_on_batch()`" for twin in Framework},
    **{(Way.PREDICT, twin): "Keras `predict()`" for twin in Framework},
}
_PARTS = (
    plots.Look("what the server runs", "#666666"),
    plots.Look("Keras instead of it: predict_on_batch() less that", "#e69f00"),
    plots.Look("around it: predict() less predict_on_batch()", "#cc79a7"),
)
_ABOUT = """\
All in one process with one thread, the same weights, one face. What the server runs is the
exported graph. `predict_on_batch()` computes the same from Keras' layers: on TensorFlow as a
function that is traced once, on PyTorch layer by layer in Python. `predict()` makes a data set
of its input, with an iterator and callbacks, before it does so, at every call. `model(faces)`
computes layer by layer in Python on both."""
_THESES = {PYTORCH: 30.0, TENSORFLOW: 350.0}
"""Milliseconds for a picture that the theses reported which this project continues."""


def section(figures: Figures) -> Section | None:
    """Return plots, sentences and tables, or None where a way was not measured."""
    pairs = [pair for pair in figures.pairs if len(_medians(figures, pair)) == len(INSIDE)]
    if not pairs:
        return None
    said = "\n".join(_sentences(figures, pair) for pair in pairs)
    shares = "Stacked bars: what of predict() is the graph, Keras' layers, and what is around"
    firsts = "The first call beside a later one, per way and framework, on a logarithmic axis"
    blocks: list[Block] = [
        Text(f"{_ABOUT}\n\n{_nearest(figures, pairs)}\n\n{said}"),
        Plot("predict", partial(_plot_parts, figures, pairs), shares),
        Plot("first-calls", partial(_plot_firsts, figures, pairs), firsts),
        *(_table(figures, pair) for pair in pairs),
    ]
    return Section("In process: where the time of predict() goes", blocks)


def _medians(figures: Figures, pair: str, batch: int = 1) -> dict[Way, Compared]:
    cells = figures.find(pair, *INSIDE, batch=batch)
    return {cell.way: figures.compared(cell, lambda one: one.p50_ms) for cell in cells}


def _nearest(figures: Figures, pairs: list[str]) -> str:
    """Say which of the calls measured here come nearest to the theses' figures."""
    said = []
    for twin, reported in _THESES.items():
        calls = {}
        for pair in pairs:
            for way, found in _medians(figures, pair).items():
                calls[f"a later {NAMES[way, twin]} of `{pair}`"] = found.of(twin).value
                first = _first(figures, pair, twin, way).value
                calls[f"the first {NAMES[way, twin]} of `{pair}`"] = first
        measured = [call for call, ms in calls.items() if math.isfinite(ms)]
        which = min(measured, key=lambda call: abs(calls[call] - reported))
        said.append(f"for {name(twin)}'s {reported:.0f} ms {which}, {number(calls[which])} ms")
    return (
        "The theses that this project continues reported 30 ms for PyTorch and 350 ms for "
        f"TensorFlow. Of all calls here with one face, those nearest to it are {listed(said)}: a "
        "likeness, no proof: they were measured elsewhere."
    )


def _sentences(figures: Figures, pair: str) -> str:
    found = _medians(figures, pair)
    lines = [_share(pair, twin, found) for twin in Framework]
    graphs, predict = found[Way.GRAPH], found[Way.PREDICT].tensorflow.value
    called = predict / graphs.tensorflow.value
    lines.append(
        f"- `{pair}`: called by `predict()`, TensorFlow takes {number(predict)} ms, "
        f"{number(predict / graphs.pytorch.value)} times TorchScript's "
        f"{number(graphs.pytorch.value)} ms. Of that factor the way of calling is "
        f"{number(called)}, and the framework, graph against graph, {spread(graphs.ratio)}."
    )
    first = figures.fact(TENSORFLOW, f"{FIRST_CALL} {Way.PREDICT}", pair)
    if first is not None:
        lines.append(
            f"- `{pair}`: the first `predict()` on TensorFlow, which traces the function, takes "
            f"{spread(first, 'ms')}; a program that loads the model anew for a picture pays that "
            "every time, besides the loading."
        )
    return "\n".join(lines)


def _share(pair: str, twin: Framework, found: dict[Way, Compared]) -> str:
    whole = found[Way.PREDICT].of(twin).value
    lengths = _lengths(twin, found)
    largest = max(range(len(lengths)), key=lengths.__getitem__)
    graph = f"{number(lengths[0])} ms"
    where = (
        "most of it is the graph itself",
        "most of the rest is that Keras computes it instead of the exported graph",
        "most of the rest is spent around the computation",
    )[largest]
    return (
        f"- `{pair}`, {name(twin)}: `predict()` takes {number(whole)} ms for one face, the graph "
        f"{graph}; {where} ({number(100 * lengths[largest] / sum(lengths))} %)."
    )


def _lengths(twin: Framework, found: dict[Way, Compared]) -> list[float]:
    """Return the parts of `predict()`."""
    return layers(*(found[way].of(twin).value for way in (Way.GRAPH, Way.ON_BATCH, Way.PREDICT)))


def _plot_parts(figures: Figures, pairs: list[str]) -> str:
    with plots.figure(height=1.2 + 0.64 * len(pairs)) as (figure, (axes,)):
        names, rows = [], []
        for pair in pairs:
            for twin in Framework:
                names.append(f"{pair}, {name(twin)}")
                rows.append(_lengths(twin, _medians(figures, pair)))
        parts = dict(zip(_PARTS, zip(*rows, strict=True), strict=True))
        plots.stacked(axes, names, parts)
        axes.set(title="predict() of one face", xlabel="median, ms")
        plots.legend(figure, axes)
        return plots.svg(figure)


def _plot_firsts(figures: Figures, pairs: list[str]) -> str:
    with plots.figure(2 * len(pairs)) as (figure, panels):
        places = ((pair, twin) for pair in pairs for twin in Framework)
        for axes, (pair, twin) in zip(panels, places, strict=True):
            later = _medians(figures, pair)
            look, names = LOOKS[twin], [NAMES[way, twin].replace("`", "") for way in INSIDE]
            groups = {
                plots.Look("first call (in the framework's colour)", look.color): [
                    _first(figures, pair, twin, w) for w in INSIDE
                ],
                plots.Look("later", "#999999"): [later[way].of(twin) for way in INSIDE],
            }
            plots.bars(axes, [one.replace(" ", "\n", 1) for one in names], groups)
            axes.set(title=f"{pair}, {name(twin)}", ylabel="one face, ms", yscale="log")
            plots.log_axis(axes.yaxis)
            axes.tick_params(axis="x", labelsize=7)
        plots.legend(figure, panels[0])
        return plots.svg(figure)


def _first(figures: Figures, pair: str, twin: Framework, way: Way) -> Interval:
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    return figures.fact(twin, f"{FIRST_CALL} {way}", pair) or nothing


def _table(figures: Figures, pair: str) -> Table:
    rows: list[tuple[object, ...]] = []
    batches = sorted({cell.batch for cell in figures.find(pair, *INSIDE)})
    for way in INSIDE:
        for batch in batches:
            found = _medians(figures, pair, batch).get(way)
            if found is None:
                continue
            label = " / ".join(dict.fromkeys(NAMES[way, twin] for twin in Framework))
            rows.append(
                (label, batch, spread(found.pytorch), spread(found.tensorflow), times(found))
            )
        rows.append(
            (
                "loading it, then the first call",
                1,
                *(_loading(figures, pair, twin, way) for twin in Framework),
                "",
            )
        )
    headers = (f"`{pair}`", "faces", "PyTorch, ms", "TensorFlow, ms", "TensorFlow / PyTorch")
    return Table(headers, rows)


def _loading(figures: Figures, pair: str, twin: Framework, way: Way) -> str:
    load = figures.fact(twin, f"{LOAD} {way}", pair)
    first = _first(figures, pair, twin, way)
    return f"{number(1000 * load.value) if load else '?'}, then {number(first.value)}"
