"""One figure per scenario: the day from top to bottom, one panel a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mien_capacity.inputs import Assumed
from mien_capacity.scenarios import Prepared
from mien_capacity.signals import Series
from mien_capacity.simulation import Day

# Figures are made without pyplot, which would keep them and may ask for a screen.
mpl.use("Agg")

_HOUR = 3600
# Room above the curves, for what is written there.
_HEADROOM = 1.4
_KINDS = {"none": "fixed", "hpa": "HPA", "keda": "KEDA"}


@dataclass(frozen=True, slots=True)
class _View:
    """A part of the day, in steps that a figure can show."""

    first: int
    last: int
    step: int

    @property
    def hours(self) -> Series:
        return np.arange(self.first, self.last, self.step) / _HOUR

    def mean(self, series: Series) -> Series:
        return np.asarray(self._steps(series).mean(axis=1))

    def highest(self, series: Series) -> Series:
        return np.asarray(self._steps(series).max(axis=1))

    def lowest(self, series: Series) -> Series:
        return np.asarray(self._steps(series).min(axis=1))

    def _steps(self, series: Series) -> Series:
        return np.asarray(series[self.first : self.last]).reshape(-1, self.step)


def draw(prepared: Prepared, day: Day, assumed: Assumed, path: Path) -> None:
    """Write the figure as a PNG: the day on the left, the spike on the right."""
    rows = 5 + len(prepared.system.stations)
    figure = Figure(figsize=(13, 1.35 * rows), layout="constrained")
    panels = figure.subplots(rows, 2, sharex="col", sharey="row", width_ratios=(5, 3))
    cells = prepared.scenario.cells
    each = f", one of {cells} cells" if cells > 1 else ""
    figure.suptitle(f"{prepared.scenario.title}{each}: a simulated day", fontweight="bold")
    spike = int(prepared.scenario.traffic.spike_hour * _HOUR)
    whole, close = _View(0, len(day.frames), 60), _View(spike - 300, spike + 2700, 5)
    _column(panels[:, 0], whole, prepared, day)
    _column(panels[:, 1], close, prepared, day)
    _words(panels[:, 0], prepared, day, assumed)
    panels[0, 1].set_title("the spike", fontsize=9)
    for axes in panels.flat:
        axes.grid(alpha=0.3)
        axes.margins(x=0)
        axes.tick_params(labelsize=8)
    panels[-1, 0].set_xticks(range(0, 25, 2))
    panels[-1, 0].set_xlabel("hour of the day")
    minutes = range(0, 50, 10)
    panels[-1, 1].set_xticks([(spike + 60 * each) / _HOUR for each in minutes], map(str, minutes))
    panels[-1, 1].set_xlabel("minutes since the spike began")
    figure.align_ylabels()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)


def _column(panels: Sequence[Axes], view: _View, prepared: Prepared, day: Day) -> None:
    """Draw the curves of one part of the day."""
    stations = prepared.system.stations
    top, *pods, queue, p95, refused, cost = panels
    hours = view.hours
    top.plot(hours, view.mean(day.frames), color="black", linewidth=1)
    top.fill_between(hours, view.mean(day.answered), color="tab:green", alpha=0.3)
    for axes, station in zip(pods, stations, strict=True):
        record = day.stations[station.name]
        axes.fill_between(hours, view.lowest(record.ready), color="tab:blue", alpha=0.4)
        axes.plot(hours, view.highest(record.wanted), color="tab:red", linewidth=1)
    for station in stations:
        record = day.stations[station.name]
        queue.plot(hours, view.highest(record.backlog), linewidth=1, label=station.name)
        milliseconds = view.highest(record.p95) * 1000
        milliseconds[milliseconds <= 0] = np.nan
        p95.plot(hours, milliseconds, linewidth=0.8, label=station.name)
    p95.plot(hours, view.highest(day.p95) * 1000, color="black", linewidth=1.2, label="frame")
    refused.plot(hours, view.mean(day.refused), color="tab:red", linewidth=1)
    cost.plot(hours, view.mean(day.cost) * prepared.scenario.cells, color="tab:green", linewidth=1)


def _words(panels: Sequence[Axes], prepared: Prepared, day: Day, assumed: Assumed) -> None:
    """Say what each row is, and give it its scale; the column beside shares it."""
    top, *pods, queue, p95, refused, cost = panels
    cells, currency = prepared.scenario.cells, assumed.prices.currency
    _label(top, "frames/s", "line: asked; area: answered", day.frames.max())
    for axes, station in zip(pods, prepared.system.stations, strict=True):
        note = "" if station.measured else "; GPU: throughput is assumed, not measured"
        text = f"{_KINDS[station.scaling.kind]}; line: wanted, area: ready{note}"
        highest = day.stations[station.name].wanted.max()
        _label(axes, f"{station.name}\npods", text, highest)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    longest = max(record.backlog.max() for record in day.stations.values())
    _label(queue, "calls\nwaiting", "while a part has too few pods", longest)
    _label(p95, "p95, ms", "of frames that no cache knows; the worst second of each step", 1)
    p95.set_yscale("log")
    p95.set_ylim(1, day.p95.max() * 1000 * 20)
    share = day.refused.sum() / day.frames.sum()
    _label(refused, "refused\nframes/s", f"{share:.2%} of the day's frames", day.refused.max())
    which = " for all cells" if cells > 1 else ""
    whole = f"{day.cost.mean() * cells * 24:,.0f} {currency} a day{which}"
    text = f"{whole}; prices are the reader's assumption"
    _label(cost, f"{currency}\nper hour", text, day.cost.max() * cells)
    for axes in (queue, p95):
        axes.legend(loc="upper right", fontsize=7, ncols=3)


def _label(axes: Axes, what: str, note: str, highest: float) -> None:
    axes.set_ylim(0, max(highest, 0.5) * _HEADROOM)
    axes.set_ylabel(what, fontsize=8)
    axes.text(0.005, 0.93, note, transform=axes.transAxes, fontsize=8, va="top", color="dimgray")
