"""Trains on PyTorch in one go and with an interruption, and compares; a program of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien_training.backend import select_framework

select_framework("pytorch")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from mien_training.datasets.drawn import Drawn  # noqa: E402
from mien_training.datasets.faces import Parts  # noqa: E402
from mien_training.runs.loop import build_network, prepare, train  # noqa: E402
from mien_training.runs.recipe import Augmentation, Phase, Recipe  # noqa: E402

RECIPE = Recipe(
    name="drawn-cnn4",
    expected="the same with and without an interruption",
    dataset="drawn",
    architecture="cnn4",
    input_shape=(16, 16, 1),
    phases=(Phase(epochs=2, learning_rate=0.001),),
    batch_size=10,
    augmentation=Augmentation(shift=0.1, mixup=0.2),
)


def go(folder: Path, report: Callable[[dict[str, Any]], None]) -> list[np.ndarray]:
    """Train, going on from what the folder holds, and return all state."""
    drawn = Drawn().read(folder)
    few = Parts(drawn.labels, drawn.training.take(slice(0, None, 8)), drawn.validation)
    run = prepare(folder, RECIPE, few, build_network(RECIPE, 7))
    train(run, report)
    variables = [*run.trained.variables, *run.trained.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def interrupt(_: dict[str, Any]) -> None:
    """Stop as Ctrl-C does, after the first epoch."""
    raise KeyboardInterrupt


def main(folder: Path) -> None:
    """Exit with the number of variables that differ."""
    whole = go(folder / "whole", lambda _: None)
    try:
        go(folder / "cut", interrupt)
    except KeyboardInterrupt:
        resumed = go(folder / "cut", lambda _: None)
    sys.exit(sum(not np.array_equal(a, b) for a, b in zip(whole, resumed, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
