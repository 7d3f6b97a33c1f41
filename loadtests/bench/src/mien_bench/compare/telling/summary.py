"""The main figures in a few lines, for the top of the report and for another page."""

from typing import Any

from mien_bench.compare.plan import INSIDE, SERVED, Way
from mien_bench.compare.rows import COLD_START, CONDITIONS
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.latency import TITLES, by_clients
from mien_bench.compare.telling.words import ENOUGH_ROUNDS, count, name, told
from mien_bench.reports.words import listed, number, spread
from mien_models.registry import Framework


def warnings(figures: Figures) -> str:
    """Return what a reader must know before the figures: an interrupt, wrong answers."""
    lines = []
    if reason := figures.results.conditions.get("interrupted"):
        lines.append(f"**The run was interrupted** ({reason}): here is what had been measured.")
    rounds = figures.complete_rounds
    if rounds < ENOUGH_ROUNDS:
        lines.append(f"**{count(rounds, 'round').capitalize()} only**: too few to name a winner.")
    if figures.failures:
        total = figures.failures + figures.answers
        lines.append(
            f"**Of {total:,} answers {figures.failures:,} were not right**; they are in no figure, "
            f"and {CONDITIONS} has the reasons."
        )
    return "\n\n".join(lines)


def summary(figures: Figures) -> str:
    """Return the main figures as a list, with the conditions in a sentence."""
    lines = [f"{_where(figures.results.conditions)}\n"]
    for pair in figures.pairs:
        for way in SERVED:
            cells = by_clients(figures, pair, way)
            if cells:
                median = figures.compared(cells[0], lambda one: one.p50_ms)
                rate = figures.highest(cells, lambda one: one.rate)
                lines.append(
                    f"- `{pair}` {TITLES[way]}: median with {count(cells[0].clients, 'client')} "
                    f"{told(median, 'ms')}. At best: "
                    f"{told(rate, 'answers a second', less_is_better=False)}."
                )
        lines += _of_keras(figures, pair)
    starts = [
        f"{name(twin)} {spread(one, 's')}"
        for twin in Framework
        if (one := figures.fact(twin, COLD_START)) is not None
    ]
    if starts:
        lines.append(f"- First answer after a start of the server: {listed(starts)}.")
    return "\n".join(lines)


def _of_keras(figures: Figures, pair: str) -> list[str]:
    found = {
        cell.way: figures.compared(cell, lambda one: one.p50_ms).tensorflow.value
        for cell in figures.find(pair, *INSIDE, batch=1)
    }
    if not {Way.GRAPH, Way.PREDICT} <= found.keys():
        return []
    graph, predict = found[Way.GRAPH], found[Way.PREDICT]
    line = (
        f"- `{pair}` in process on TensorFlow: Keras' `predict()` takes {number(predict)} ms, "
        f"{number(predict / graph)} times the {number(graph)} ms of the `tf.function` that the "
        "server runs."
    )
    return [line]


def _where(conditions: dict[str, Any]) -> str:
    machine = conditions.get("machine", {})
    return (
        f"Measured {conditions.get('date', '?')} on {machine.get('logical cores', '?')} cores "
        f"({machine.get('processor', '?')}), one face, equal weights, equal threads, no cache, "
        f"{count(conditions.get('rounds', 0), 'round')}; the TensorFlow server is "
        f"{conditions.get('TensorFlow server', '?')}. The better figure is bold where 95 % "
        "intervals leave no doubt."
    )
