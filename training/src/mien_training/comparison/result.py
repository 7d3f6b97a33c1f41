"""What a comparison found, and how it is told."""

from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from pydantic import BaseModel

from mien_training.backend import Framework

_CURVES = {"validation_loss": "validation loss", "accuracy": "validation accuracy"}


class Side(BaseModel):
    """One framework's run."""

    best_accuracy: float
    """Best accuracy on the validation part."""
    seconds_an_epoch: float
    """Median over the epochs after the first, which compiles."""
    cpu_seconds: float
    """Processor time of the whole run."""
    peak_megabytes: float
    """Largest resident memory."""
    file_megabytes: float
    """The exported graph: a TorchScript file or a SavedModel's folder."""
    history: list[dict[str, Any]]
    """One entry an epoch, as the run wrote it."""


class Comparison(BaseModel):
    """The same recipe, seed, data and initial weights in both frameworks."""

    recipe: str
    """Name of the recipe."""
    epochs: int
    """Epochs of both."""
    sides: dict[Framework, Side]
    """What each framework did."""

    def differences(self, curve: str) -> list[float]:
        """Return PyTorch's ``curve`` minus TensorFlow's, as long as the shorter of the two."""
        mine, other = ([line[curve] for line in side.history] for side in self._both())
        return [first - second for first, second in zip(mine, other, strict=False)]

    def _both(self) -> tuple[Side, Side]:
        return self.sides["pytorch"], self.sides["tensorflow"]


def to_markdown(result: Comparison, plot: str) -> str:
    """Return the comparison as a page that shows the picture at ``plot``."""
    sides = (result.sides["pytorch"], result.sides["tensorflow"])
    rows = [
        ("best validation accuracy", "{:.4f}", "best_accuracy"),
        ("seconds an epoch (median)", "{:.1f}", "seconds_an_epoch"),
        ("processor seconds of the run", "{:.0f}", "cpu_seconds"),
        ("peak memory, MB", "{:.0f}", "peak_megabytes"),
        ("exported graph, MB", "{:.1f}", "file_megabytes"),
    ]
    table = "\n".join(
        "| " + " | ".join([title, *(form.format(getattr(side, name)) for side in sides)]) + " |"
        for title, form, name in rows
    )
    largest = max((abs(value) for value in result.differences("accuracy")), default=0.0)
    return (
        f"# {result.recipe}: PyTorch beside TensorFlow\n\n"
        f"{result.epochs} epochs of the same recipe, seed, data and initial weights, one run after "
        "the other on this machine.\n\n"
        f"| | PyTorch | TensorFlow |\n| --- | ---: | ---: |\n{table}\n\n"
        f"The validation accuracies differ by {largest:.4f} at most in an epoch. Each framework "
        "draws its own dropout, so one seed cannot tell such a difference from chance.\n\n"
        f"![Loss, accuracy and their difference]({plot})\n"
    )


def curves(result: Comparison) -> bytes:
    """Draw validation loss and accuracy of both, and their differences, as a PNG file."""
    figure = Figure(figsize=(13, 4), layout="constrained")
    difference = figure.add_subplot(1, 3, 3)
    for place, (name, title) in enumerate(_CURVES.items(), 1):
        axes = figure.add_subplot(1, 3, place)
        for framework, side in result.sides.items():
            epochs = [line["epoch"] for line in side.history]
            axes.plot(epochs, [line[name] for line in side.history], ".-", label=framework)
        axes.set(xlabel="epoch", title=title)
        axes.legend()
        values = result.differences(name)
        difference.plot(np.arange(1, len(values) + 1), values, ".-", label=title)
    difference.axhline(0, color="black", linewidth=1)
    difference.set(xlabel="epoch", title="PyTorch minus TensorFlow")
    difference.legend()
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
