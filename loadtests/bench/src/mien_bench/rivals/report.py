"""Writes the report of a run."""

from dataclasses import dataclass, field
from pathlib import Path

from mien_bench.reports.blocks import Block, Text
from mien_bench.reports.page import Page, Section
from mien_bench.rivals import goals, plots, tables, telling
from mien_bench.rivals.plan import PICTURES, Plan
from mien_bench.rivals.results import Results
from mien_bench.rivals.standing import Figure, Standing

_METHOD = """\
All systems were started before the first round. While one was asked, the processes of all others \
were stopped by signal; their memory stayed, their processor time did not. Each round begins with \
another system. A client asks again as soon as it has its answer; every answer is checked: the \
number of faces, the sums of their probabilities, and for Mien what its cache says. No picture \
was sent twice, but for the row of the cache. A point lasts {seconds:g} s, longer for slow \
systems, after a warm-up of a quarter of it. {intervals} Ratios are paired round by round. The \
client ran on the same cores.

The baselines serve the same weights and, but for `fer`, find faces with the same YuNet file at \
the same size. *Our detection* means that the baseline runs our face-detector's code in its own \
processes, so that nothing but the way of serving differs; the others run what OpenCV's \
documentation says. [What each baseline is](../../baselines/README.md)."""

_MEMORY = """\
CPU is that of all of a system's processes at {clients} clients. Memory is what its processes \
would free if they ended, shared pages by their share; for Mien that of the gateway, the detector, \
Redis and the one model server that is asked, though all of Mien ran."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the figures hold for."""

    machine: dict[str, str]
    date: str
    command: str
    versions: dict[str, str] = field(default_factory=dict)


def write(folder: Path, plan: Plan, results: Results, conditions: Conditions) -> None:
    """Write Markdown, HTML, plots and CSV into the folder."""
    results.save(folder)
    page(plan, results, conditions).write(folder)


def page(plan: Plan, results: Results, conditions: Conditions) -> Page:
    """Return the report."""
    standing = Standing(plan, results)
    return Page(
        "Mien against what a user would pick instead",
        [Text(summary(standing)), plots.throughput(standing)],
        [
            Section("Goals", _goals(standing)),
            Section("Where Mien is not ahead", [Text(telling.where_behind(standing))]),
            Section("Throughput", _tables(standing, "Answers a second.", Figure.RATE)),
            Section("Latency", _latency(standing)),
            Section("What a picture costs", _costs(standing)),
            Section("Mien's figure as a multiple of the others'", _ratios(standing)),
            Section("Do they answer alike?", _agreement(results)),
            Section("How it was measured", _conditions(plan, results, conditions)),
        ],
    )


def summary(standing: Standing) -> str:
    """Return how Mien stands, and what its cache gives."""
    parts = [telling.against_each(standing)] if standing.others else []
    cached = [system for system in standing.plan.systems if system.cache == "hit"]
    return "\n\n".join([*parts, *(telling.from_the_cache(standing, one) for one in cached)])


def _goals(standing: Standing) -> list[Block]:
    clients = max(standing.plan.clients)
    return [Text(f"At {clients} clients, uncached where not said."), goals.table(standing)]


def _tables(standing: Standing, what: str, figure: Figure) -> list[Block]:
    return [Text(what), *(tables.figures(standing, picture, figure) for picture in PICTURES)]


def _latency(standing: Standing) -> list[Block]:
    return [
        plots.tail(standing),
        *_tables(standing, "Medians, in ms.", Figure.P50),
        *_tables(standing, "99th percentiles, in ms.", Figure.P99),
    ]


def _costs(standing: Standing) -> list[Block]:
    clients = max(standing.plan.clients)
    text = Text(_MEMORY.format(clients=clients))
    return [text, plots.processor(standing), tables.costs(standing)]


def _ratios(standing: Standing) -> list[Block]:
    if not standing.others:
        return [Text("Nothing else was measured.")]
    return [
        *(Text("Throughput: above 1, Mien is ahead."), tables.ratios(standing, Figure.RATE)),
        *(Text("p99: below 1, Mien is ahead."), tables.ratios(standing, Figure.P99)),
    ]


def _agreement(results: Results) -> list[Block]:
    text = (
        "Faces are matched by their boxes with those of the first row; `the same` are those that "
        "overlap by half or more. The run ends before anything is measured where a system with the "
        "same weights finds other faces, calls one otherwise, or gives probabilities that differ "
        "by more than 0.001 (our detection) or 0.1 (OpenCV's, whose crops are others)."
    )
    return [Text(text), tables.agreement(results)]


def _conditions(plan: Plan, results: Results, conditions: Conditions) -> list[Block]:
    intervals = (
        "There was one round, so there are no intervals."
        if plan.rounds == 1
        else f"Intervals in brackets are 95 %, bootstrapped over {plan.rounds} rounds."
    )
    failures = sum(row.failures for row in results.points)
    run = {
        "measured on": conditions.date,
        "command": f"`{conditions.command}`",
        "wrong or failed answers": str(failures),
        **conditions.machine,
        **{f"{name} was answered by": server for name, server in results.served_by.items()},
    }
    return [
        Text(_METHOD.format(seconds=plan.seconds, intervals=intervals)),
        tables.pairs("run", run),
        tables.pairs("version", conditions.versions),
        Text(
            "Raw data: [points.csv](points.csv), [memory.csv](memory.csv), "
            "[agreement.csv](agreement.csv)."
        ),
    ]
