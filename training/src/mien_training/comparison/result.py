"""What a comparison found, and how it is told."""

from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from pydantic import BaseModel

from mien_training.backend import Framework


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

    @property
    def differences(self) -> list[float]:
        """PyTorch's validation accuracy minus TensorFlow's, epoch by epoch."""
        curves = [[line["accuracy"] for line in side.history] for side in self._both()]
        return [mine - other for mine, other in zip(*curves, strict=False)]

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
    largest = max((abs(value) for value in result.differences), default=0.0)
    return (
        f"# {result.recipe}: PyTorch beside TensorFlow\n\n"
        f"{result.epochs} epochs of the same recipe, seed, data and initial weights, one run after "
        "the other on this machine.\n\n"
        f"| | PyTorch | TensorFlow |\n| --- | ---: | ---: |\n{table}\n\n"
        f"The validation accuracies differ by {largest:.4f} at most in an epoch.\n\n"
        f"![Loss, accuracy and their difference]({plot})\n"
    )


def curves(result: Comparison) -> bytes:
    """Draw loss and accuracy of both and the difference of the accuracies, as a PNG file."""
    figure = Figure(figsize=(13, 4), layout="constrained")
    for place, name in ((1, "loss"), (2, "accuracy")):
        axes = figure.add_subplot(1, 3, place)
        for framework, side in result.sides.items():
            epochs = [line["epoch"] for line in side.history]
            axes.plot(epochs, [line[name] for line in side.history], ".-", label=framework)
        axes.set(xlabel="epoch", title={"loss": "training loss"}.get(name, "validation accuracy"))
        axes.legend()
    axes = figure.add_subplot(1, 3, 3)
    axes.bar(np.arange(1, len(result.differences) + 1), result.differences)
    axes.axhline(0, color="black", linewidth=1)
    axes.set(xlabel="epoch", title="accuracy: PyTorch minus TensorFlow")
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
