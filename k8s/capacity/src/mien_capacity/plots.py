"""One figure per scenario: the day from top to bottom, one panel a question."""

from collections.abc import Sequence
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
from mien_capacity.stations import Station

# Figures are made without pyplot, which would keep them and may ask for a screen.
mpl.use("Agg")

_HOUR = 3600
_BIN_SECONDS = 60
# Room above the curves, for what is written there.
_HEADROOM = 1.4


def draw(prepared: Prepared, day: Day, assumed: Assumed, path: Path) -> None:
    """Write the figure as a PNG."""
    stations = prepared.system.stations
    cells = prepared.scenario.cells
    figure = Figure(figsize=(11, 7.5 + 1.3 * len(stations)), layout="constrained")
    panels = figure.subplots(5 + len(stations), 1, sharex=True)
    each = f", one of {cells} cells" if cells > 1 else ""
    figure.suptitle(f"{prepared.scenario.title}{each}: a simulated day", fontweight="bold")
    hours = np.arange(0, len(day.frames), _BIN_SECONDS) / _HOUR
    top, *pods, queue, p95, refused, cost = panels
    _frames(top, hours, day)
    for axes, station in zip(pods, stations, strict=True):
        _pods(axes, hours, day, station)
    _queue(queue, hours, day, stations)
    _p95(p95, hours, day, stations)
    refused.plot(hours, _mean(day.refused), color="tab:red", linewidth=1)
    refused.set_ylim(0, max(1.0, _mean(day.refused).max()) * _HEADROOM)
    share = day.refused.sum() / day.frames.sum()
    _label(refused, "refused\nframes/s", f"{share:.2%} of the day's frames")
    _cost(cost, hours, day, assumed, cells)
    for axes in panels:
        axes.grid(alpha=0.3)
        axes.margins(x=0)
    cost.set_xlabel("hour of the day")
    cost.set_xticks(range(0, 25, 2))
    figure.align_ylabels()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)


def _frames(axes: Axes, hours: Series, day: Day) -> None:
    axes.plot(hours, _mean(day.frames), color="black", linewidth=1)
    axes.fill_between(hours, _mean(day.answered), color="tab:green", alpha=0.3)
    axes.set_ylim(0, day.frames.max() * _HEADROOM)
    _label(axes, "frames/s", "line: asked; area: answered")


def _pods(axes: Axes, hours: Series, day: Day, station: Station) -> None:
    record = day.stations[station.name]
    kind = {"none": "fixed", "hpa": "HPA", "keda": "KEDA"}[station.scaling.kind]
    note = "" if station.measured else "; GPU: throughput is assumed, not measured"
    axes.fill_between(hours, _lowest(record.ready), color="tab:blue", alpha=0.4)
    axes.plot(hours, _highest(record.wanted), color="tab:red", linewidth=1)
    axes.set_ylim(0, max(1, record.wanted.max()) * _HEADROOM)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    _label(axes, f"{station.name}\npods", f"{kind}; line: wanted, area: ready{note}")


def _queue(axes: Axes, hours: Series, day: Day, stations: Sequence[Station]) -> None:
    longest = 1.0
    for station in stations:
        backlog = _highest(day.stations[station.name].backlog)
        longest = max(longest, float(backlog.max()))
        axes.plot(hours, backlog, linewidth=1, label=station.name)
    axes.set_ylim(0, longest * _HEADROOM)
    axes.legend(loc="upper right", fontsize=7, ncols=len(stations))
    _label(axes, "calls\nwaiting", "while a part has too few pods")


def _p95(axes: Axes, hours: Series, day: Day, stations: Sequence[Station]) -> None:
    for station in stations:
        milliseconds = _highest(day.stations[station.name].p95) * 1000
        milliseconds[milliseconds <= 0] = np.nan
        axes.plot(hours, milliseconds, linewidth=0.8, label=station.name)
    axes.plot(hours, _highest(day.p95) * 1000, color="black", linewidth=1.2, label="frame")
    axes.set_yscale("log")
    axes.set_ylim(1, day.p95.max() * 1000 * 10)
    axes.legend(loc="upper right", fontsize=7, ncols=len(stations) + 1)
    _label(axes, "p95, ms", "of frames that no cache knows; each minute's worst second")


def _cost(axes: Axes, hours: Series, day: Day, assumed: Assumed, cells: int) -> None:
    hourly = _mean(day.cost) * cells
    currency = assumed.prices.currency
    axes.plot(hours, hourly, color="tab:green", linewidth=1)
    axes.set_ylim(0, hourly.max() * _HEADROOM)
    which = " for all cells" if cells > 1 else ""
    text = f"{hourly.mean() * 24:,.0f} {currency} a day{which}; prices are the reader's assumption"
    _label(axes, f"{currency}\nper hour", text)


def _label(axes: Axes, what: str, note: str) -> None:
    axes.set_ylabel(what, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.text(0.005, 0.93, note, transform=axes.transAxes, fontsize=8, va="top", color="dimgray")


def _bins(series: Series) -> Series:
    return np.asarray(series[: len(series) // _BIN_SECONDS * _BIN_SECONDS]).reshape(
        -1, _BIN_SECONDS
    )


def _mean(series: Series) -> Series:
    return np.asarray(_bins(series).mean(axis=1))


def _highest(series: Series) -> Series:
    return np.asarray(_bins(series).max(axis=1))


def _lowest(series: Series) -> Series:
    return np.asarray(_bins(series).min(axis=1))
