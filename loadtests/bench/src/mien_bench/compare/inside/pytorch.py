"""PyTorch's ways; to be imported where Keras runs on PyTorch."""

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import torch

from mien_bench.compare.faces import Faces
from mien_bench.compare.inside.keras_ways import Call, keras_ways
from mien_bench.compare.plan import Way

_MODULE = "model.pt"


def set_threads(number: int) -> None:
    """Let PyTorch compute with so many threads."""
    torch.set_num_threads(number)
    torch.set_num_interop_threads(number)


def ways(archive: Path, model_dir: Path) -> Mapping[Way, Callable[[], Call]]:
    """Return what makes each way ready to be called."""
    return {Way.GRAPH: lambda: _torchscript(archive), **keras_ways(model_dir, _arrays)}


def _torchscript(archive: Path) -> Call:
    """What TorchServe's worker runs, out of the archive that TorchServe was given."""
    with zipfile.ZipFile(archive) as opened:
        file = io.BytesIO(opened.read(_MODULE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = torch.jit.load(file, map_location="cpu").eval()  # type: ignore[no-untyped-call]  # torch leaves it untyped

    def run(faces: Faces) -> np.ndarray:
        with torch.inference_mode():
            found: np.ndarray = module(torch.from_numpy(faces)).numpy()
            return found

    return run


def _arrays(model: keras.Model) -> Call:
    def call(faces: Faces) -> np.ndarray:
        with torch.inference_mode():
            found: np.ndarray = model(torch.from_numpy(faces), training=False).numpy()
            return found

    return call
