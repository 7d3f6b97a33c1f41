"""The report's figures."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from mien_bench.measuring.figures import Interval
from mien_bench.reports.blocks import Plot
from mien_bench.reports.plots import figure, svg
from mien_bench.reports.words import number
from mien_bench.rivals.plan import PICTURES
from mien_bench.rivals.standing import Figure, Standing
from mien_bench.rivals.systems import System
from mien_bench.rivals.telling import SHOWN

_OURS, _OTHERS = "#d55e00", "#8a8a8a"
_ROW_INCHES = 0.34


def throughput(standing: Standing) -> Plot:
    """Return the answers a second at the most clients."""
    clients = max(standing.plan.clients)
    title = f"answers a second, {clients} clients"
    return _bars(standing, Figure.RATE, "throughput", title, clients)


def tail(standing: Standing) -> Plot:
    """Return the 99th percentile at the most clients."""
    clients = max(standing.plan.clients)
    return _bars(standing, Figure.P99, "p99", f"p99 in ms, {clients} clients", clients)


def processor(standing: Standing) -> Plot:
    """Return the processor time of a picture at the most clients."""
    clients = max(standing.plan.clients)
    return _bars(standing, Figure.CPU, "cpu", f"CPU ms a picture, {clients} clients", clients)


def _bars(standing: Standing, shown: Figure, name: str, title: str, clients: int) -> Plot:
    """Return a bar per system, a panel per picture; what came from the cache has none."""
    systems = [system for system in standing.plan.systems if system.cache != "hit"]

    def drawn() -> str:
        height = 1.0 + _ROW_INCHES * len(systems)
        with figure(len(PICTURES), height=height) as (made, panels):
            for axes, picture in zip(panels, PICTURES, strict=True):
                values = [standing.value(system, picture, clients, shown) for system in systems]
                _panel(axes, systems, values)
                axes.set_title(f"{SHOWN[picture]}: {title}")
            panels[-1].set_yticklabels([])
            return svg(made)

    return Plot(name, drawn, f"{title}, by system, for one face and for ten")


def _panel(axes: Axes, systems: Sequence[System], values: Sequence[Interval]) -> None:
    places = range(len(systems))
    axes.barh(places, [one.value for one in values], color=list(map(_color, systems)))
    errors = [
        [max(one.value - one.low, 0.0) for one in values],
        [max(one.high - one.value, 0.0) for one in values],
    ]
    axes.errorbar([one.value for one in values], places, xerr=errors, fmt="none", ecolor="#333")
    for place, one in zip(places, values, strict=True):
        axes.annotate(
            number(one.value),
            (one.high, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(places, [system.label for system in systems])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.18)


def _color(system: System) -> str:
    return _OURS if system.name.startswith("mien") else _OTHERS
