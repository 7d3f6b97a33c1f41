"""The report as a whole."""

from typing import Any

from mien_bench.compare.rows import CONDITIONS, EMBEDDED, FACTS, ROUNDS
from mien_bench.compare.telling import batches, costs, keras_predict, latency, parts, throughput
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.summary import summary, warnings
from mien_bench.reports.blocks import Block, Table, Text
from mien_bench.reports.page import Page, Section

TITLE = "PyTorch against TensorFlow"
_HOW = """\
Twins are one set of weights, served by TorchServe and by TensorFlow Serving. In every round
each is asked in two short slices, one twin, then twice the other, then the first again, and the
next round begins with the other: what the machine does meanwhile meets both. While one is asked,
the other's server idles. Every answer is checked; nothing is cached (`Cache-Control: no-store`,
and every picture and every face is sent once). An interval is where 95 % of the medians of
resampled rounds lie; the ratio is taken round by round. Where it includes 1, or there are fewer
than five rounds, no winner is named."""
_LIMITS = """\
- The clients run on the same machine as what they ask, and have their share of its cores.
- The load is a closed loop: a client asks again as soon as it has its answer. With more clients
  than cores, latency is mostly waiting in line, and says the same as throughput.
- Pictures through the gateway hold one face, and its time holds the face detector's, which is
  the same for both twins.
- One machine, processors only: nothing here says anything of GPUs."""
_EMBEDDED = """\
- TensorFlow Serving's own program is not on this machine: its calls are answered in Python, by
  the same TensorFlow and the same SavedModel. How the official program compares is not known."""


def page(figures: Figures) -> Page:
    """Return the report; it needs at least one cell that both twins have a round of."""
    sections = [
        latency.section(figures),
        throughput.section(figures),
        batches.section(figures),
        parts.section(figures),
        keras_predict.section(figures),
        costs.cpu(figures),
        costs.footprint(figures),
        _how(figures),
    ]
    intro = [Text(text) for text in (warnings(figures), summary(figures)) if text]
    return Page(TITLE, intro, [section for section in sections if section is not None])


def _how(figures: Figures) -> Section:
    conditions = figures.results.conditions
    rows = [(key, _shown(value)) for key, value in conditions.items() if value]
    limits = _LIMITS
    if conditions.get("TensorFlow server") == EMBEDDED:
        limits = f"{_LIMITS}\n{_EMBEDDED}"
    files = f"Raw data: [{ROUNDS}]({ROUNDS}), a row per twin, cell and round; [{FACTS}]({FACTS}), "
    files += f"starts, first calls, memory and sizes; [{CONDITIONS}]({CONDITIONS})."
    blocks: list[Block] = [
        Text(_HOW),
        Text(limits),
        Table(("condition", ""), rows, numbers_from=2),
    ]
    return Section("How it was measured, and what that leaves out", [*blocks, Text(files)])


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {one}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
