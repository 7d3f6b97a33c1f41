"""Figures in one style, as SVG."""

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from mien_bench.measuring.figures import Interval
from mien_bench.reports.words import number

# Figures are made without pyplot, which would keep them and may ask for a screen.
mpl.use("Agg")

# Any: matplotlib lists the names of its settings as literals.
_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.hashsalt": "mien",
}


# More beside each other would be cut off at the page's edges.
_LEGEND_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How one of the things compared is drawn, in every figure alike."""

    label: str
    color: str
    marker: str = "o"


# Told apart by whoever sees no red or no green, too.
PYTORCH = Look("PyTorch", "#d55e00", "o")
TENSORFLOW = Look("TensorFlow", "#0072b2", "s")
OTHERS = tuple(
    Look("", color, marker)
    for color, marker in zip(("#009e73", "#cc79a7", "#e69f00", "#555555"), "^Dv*", strict=True)
)
"""Colours for whatever else is compared; give them labels."""


@contextmanager
def figure(
    panels: int = 1, *, columns: int = 2, height: float = 3.1
) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give a figure as wide as the page and its panels, row by row; draw before the block ends.

    Args:
        panels: how many, at least one.
        columns: how many of them stand beside each other at most.
        height: of one row, in inches.
    """
    columns = min(columns, panels)
    rows = math.ceil(panels / columns)
    # matplotlib asks for its settings whenever something is drawn.
    with mpl.rc_context(_STYLE):
        made = Figure(figsize=(9.6, height * rows), layout="constrained")
        places = list(made.subplots(rows, columns, squeeze=False).flat)
        for unused in places[panels:]:
            unused.remove()
        yield made, places[:panels]


def svg(made: Figure) -> str:
    """Return the figure; equal figures give equal text."""
    written = io.StringIO()
    made.savefig(written, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def line(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[Interval],
    look: Look,
    style: str = "-",
) -> None:
    """Draw values over places, with their intervals."""
    axes.errorbar(
        places,
        [one.value for one in values],
        yerr=_errors(values),
        label=look.label,
        color=look.color,
        marker=look.marker,
        markersize=5,
        linestyle=style,
        capsize=3,
    )


def bars(axes: Axes, names: Sequence[str], groups: Mapping[Look, Sequence[Interval]]) -> None:
    """Draw a cluster of bars per name, one bar for each of the things compared, with the values."""
    width = 0.8 / len(groups)
    for index, (look, values) in enumerate(groups.items()):
        places = [place + width * (index + 0.5) - 0.4 for place in range(len(names))]
        heights = [one.value for one in values]
        axes.bar(places, heights, 0.94 * width, label=look.label, color=look.color)
        if any(one.low != one.high for one in values):
            axes.errorbar(places, heights, yerr=_errors(values), fmt="none", ecolor="#333333")
        for place, one in zip(places, values, strict=True):
            _say(axes, number(one.value), (place, max(one.value, one.high)), (0, 3))
    axes.set_xticks(range(len(names)), names)
    axes.grid(visible=False, axis="x")
    axes.margins(y=0.15)


def legend(made: Figure, axes: Axes) -> None:
    """Say below the panels what is what, once for all of them: as in the given one."""
    handles, labels = axes.get_legend_handles_labels()
    columns = min(len(labels), _LEGEND_COLUMNS)
    made.legend(handles, labels, loc="outside lower center", ncols=columns)


def log_axis(axis: Axis) -> None:
    """Write plain numbers at 1, 2 and 5 of every power of ten."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_locator(NullLocator())


def stacked(axes: Axes, names: Sequence[str], parts: Mapping[Look, Sequence[float]]) -> None:
    """Draw a horizontal bar per name, made of parts one behind the other, and its whole length."""
    ends = [0.0] * len(names)
    for look, lengths in parts.items():
        axes.barh(range(len(names)), lengths, left=ends, label=look.label, color=look.color)
        ends = [end + length for end, length in zip(ends, lengths, strict=True)]
    for place, end in enumerate(ends):
        _say(axes, number(end), (end, place), (4, 0))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.1)


def _say(axes: Axes, text: str, place: tuple[float, float], offset: tuple[float, float]) -> None:
    """Write beside or above a place, by so many points."""
    aligned: Any = {"ha": "center", "va": "bottom"} if offset[1] else {"va": "center"}
    axes.annotate(text, place, offset, textcoords="offset points", fontsize=8, **aligned)


def _errors(values: Sequence[Interval]) -> tuple[list[float], list[float]]:
    """Return how far each interval goes down and up."""
    return (
        [max(0.0, one.value - one.low) for one in values],
        [max(0.0, one.high - one.value) for one in values],
    )
