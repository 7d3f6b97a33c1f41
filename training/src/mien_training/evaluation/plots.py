"""Plots of the report, as the bytes of PNG files."""

from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from mien_training.evaluation.metrics import Figures
from mien_training.evaluation.reliability import BINS, Reliability

# Figures are made without pyplot, which would keep them and may ask for a screen.
mpl.use("Agg")

Array = npt.NDArray[Any]


def confusion_plot(figures: Figures, labels: tuple[str, ...]) -> bytes:
    """Draw the confusion matrix, once in faces and once in shares of the true class."""
    counts = np.array(figures.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(13, 6), layout="constrained")
    for place, values, title, form in (
        (1, counts, "faces", "{:.0f}"),
        (2, shares, "share of the true class", "{:.2f}"),
    ):
        axes = figure.add_subplot(1, 2, place)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
        axes.set_yticks(range(len(labels)), labels)
        axes.set(xlabel="given", ylabel="true", title=title)
        for (row, column), value in np.ndenumerate(values):
            ink = "white" if shares[row, column] > 0.5 else "black"  # noqa: PLR2004 - dark cell
            axes.text(column, row, form.format(value), ha="center", va="center", color=ink)
    return _png(figure)


def reliability_plot(before: Reliability, after: Reliability) -> bytes:
    """Draw accuracy over confidence before and after the temperature; the diagonal is honest."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    edges = np.arange(BINS) / BINS
    for place, bins, title in (
        (1, before, "without temperature"),
        (2, after, "as served"),
    ):
        axes = figure.add_subplot(1, 2, place)
        axes.bar(edges, bins.accuracy, 1 / BINS, align="edge", edgecolor="white", label="accuracy")
        axes.plot([0, 1], [0, 1], "k--", linewidth=1, label="as confident as right")
        full = bins.counts > 0
        axes.plot(bins.confidence[full], bins.accuracy[full], "o", color="tab:orange", markersize=4)
        axes.set(xlabel="confidence", ylabel="accuracy", title=f"{title}: ECE {bins.error:.3f}")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.legend()
    return _png(figure)


def class_plot(figures: Figures, labels: tuple[str, ...]) -> bytes:
    """Draw precision, recall and F1 of every class side by side."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(labels))
    for step, name in enumerate(("precision", "recall", "f1")):
        axes.bar(places + 0.27 * (step - 1), getattr(figures, name), 0.25, label=name)
    axes.set_xticks(places, labels)
    axes.set(ylim=(0, 1), ylabel="share")
    axes.legend()
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
