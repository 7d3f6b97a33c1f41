"""The report: what each stage takes, drawn and in tables, and whether the budgets are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from mien_bench.reports.blocks import Block, Plot, Table, Text
from mien_bench.reports.page import Page, Section
from mien_bench.reports.plots import OTHERS, PYTORCH, TENSORFLOW, Look, figure, legend, stacked, svg
from mien_bench.reports.words import number
from mien_bench.stages.budget import Budget, Stage
from mien_bench.stages.kinds import Kind
from mien_bench.stages.rows import FILE
from mien_bench.stages.run import Case

TITLE = "Where a request's time goes"
OVERHEAD_BUDGET_MS, KEPT_BUDGET_MS = 3.0, 1.0
"""For one client, at the median: beyond detector and model, and for a picture that is known."""

Found = Mapping[Case, Budget]

# So many colours can be told apart: stages of a kind share one.
_GROUPS: Mapping[Look, Sequence[Stage]] = {
    Look("HTTP, receive, encode", OTHERS[0].color): (Stage.HTTP, Stage.RECEIVE, Stage.ENCODE),
    Look("gateway's own, hash", OTHERS[3].color): (Stage.PIPELINE, Stage.HASH),
    Look("Redis", OTHERS[1].color): (Stage.REDIS,),
    Look("detector hop", "#56b4e9"): (Stage.DETECTOR_HOP,),
    Look("decode, detect, crop", TENSORFLOW.color): (Stage.DECODE, Stage.DETECT, Stage.CROP),
    Look("model hop and queue", OTHERS[2].color): (Stage.MODEL_HOP,),
    Look("inference", PYTORCH.color): (Stage.INFERENCE,),
}
_HOW = """\
The gateway times its stages and tells them with every answer, in the header `Server-Timing`; the
detector's own work is in it. Inference is what the same graph takes in a process of its own
for as many faces, asked without a pause; in a server that waits in between it takes longer, for
the processor's caches are cold, and that shows as the hop's. What the client waited beyond what
the gateway timed is HTTP. Kinds and twins took turns, twenty requests each. All figures are
medians, so the stages of a row need not add up exactly."""


def page(found: Found, conditions: Mapping[str, Any]) -> Page:
    """Return the report."""
    counts = sorted({clients for _, _, clients in found})
    sections = [_section(found, clients) for clients in counts]
    rows = [(key, value) for key, value in conditions.items()]
    how: list[Block] = [Text(_HOW), Table(("condition", ""), rows, numbers_from=2)]
    sections.append(Section("How it was measured", [*how, Text(f"Raw data: [{FILE}]({FILE}).")]))
    return Page(TITLE, [Text(verdict(found))], sections)


def verdict(found: Found) -> str:
    """Return, for one client, each case's time against its budget."""
    lines = []
    for (kind, framework, clients), one in found.items():
        if clients > 1 or kind not in (Kind.NEW, Kind.SAME_PICTURE):
            continue
        known = kind is Kind.SAME_PICTURE
        spent = one.waited if known else one.overhead
        most = KEPT_BUDGET_MS if known else OVERHEAD_BUDGET_MS
        what = "the answer" if known else "what is neither the detector's nor the model's own work"
        kept = "within" if spent <= most else "**above**"
        lines.append(
            f"- {kind}, {framework}: {what} takes {number(spent)} ms at the median, "
            f"{kept} the budget of {most:g} ms."
        )
    return "\n".join(lines)


def _section(found: Found, clients: int) -> Section:
    cases = [case for case in found if case[2] == clients]
    said = f"{clients} client{'s' if clients > 1 else ''} at once"
    alt = f"Stages of each kind of request, {said}, as bars one behind the other"
    plot = Plot(f"stages-{clients}", lambda: _drawn(found, cases), alt)
    return Section(said[0].upper() + said[1:], [plot, _table(found, cases)])


def _drawn(found: Found, cases: Sequence[Case]) -> str:
    names = [f"{kind}\n{framework}" for kind, framework, _ in cases]
    groups = {
        look: [max(0.0, sum(found[case].stages[one] for one in group)) for case in cases]
        for look, group in _GROUPS.items()
    }
    with figure(height=0.55 * len(cases) + 0.8) as (made, (axes,)):
        stacked(axes, names, groups)
        axes.set_xlabel("milliseconds")
        legend(made, axes)
        return svg(made)


def _table(found: Found, cases: Sequence[Case]) -> Table:
    rows: list[list[str]] = [
        [stage.value, *(number(found[case].stages[stage]) for case in cases)] for stage in Stage
    ]
    rows.append(["**waited**", *(f"**{number(found[case].waited)}**" for case in cases)])
    rows.append(["beyond own work", *(number(found[case].overhead) for case in cases)])
    heads = [f"{kind}, {framework}" for kind, framework, _ in cases]
    return Table(("ms, median", *heads), rows)
