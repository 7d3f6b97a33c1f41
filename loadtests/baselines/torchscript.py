"""The model as TorchServe gets it: one file of TorchScript, bytes to probabilities."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from detection import FoundFace

WARM_UP_FACES = (1, 2, 10)
WARM_UP_ROUNDS = 3

Classify = Callable[[Sequence[FoundFace]], list[list[float]]]
"""Takes faces, gives a row of probabilities for each."""


def make_classify(model_file: Path) -> Classify:
    """Load the model, one thread a process, and run it until it is warm."""
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model = torch.jit.load(str(model_file)).eval()  # type: ignore[no-untyped-call]  # torch leaves it untyped

    def run(crops: torch.Tensor) -> list[list[float]]:
        with torch.inference_mode():
            rows: list[list[float]] = model(crops).tolist()
            return rows

    def classify(faces: Sequence[FoundFace]) -> list[list[float]]:
        if not faces:
            return []
        return run(torch.from_numpy(np.stack([face.crop for face in faces])))

    for count in WARM_UP_FACES * WARM_UP_ROUNDS:
        run(torch.zeros((count, 48, 48, 1), dtype=torch.uint8))
    return classify
