"""TorchScript of a released model, for TorchServe, which then needs nothing but torch."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from mien_training.export.checking import Floats, check_against
from mien_training.export.folding import fold
from mien_training.export.torch_graph import torch_module
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released


def export_torchscript(model_dir: Path, out_path: Path) -> float:
    """Write the TorchScript of the model in ``model_dir`` and return its largest difference.

    The file takes uint8 [N, H, W, C] and gives probabilities float32 [N, classes].

    Raises:
        ExportError: a layer has no twin, or the file disagrees with the Keras model.
    """
    sidecar, network = load_released(model_dir)
    module = torch_module(serving_model(fold(network), sidecar.temperature))
    out_path.parent.mkdir(parents=True, exist_ok=True)
    temporary = out_path.with_name(f".{out_path.name}.tmp")
    try:
        _save(module, sidecar.input_shape, temporary)
        wanted = serving_model(network, sidecar.temperature)
        difference = check_against(wanted, lambda faces: run_torchscript(temporary, faces))
        temporary.replace(out_path)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def run_torchscript(path: Path, faces: npt.NDArray[np.uint8]) -> Floats:
    """Return the probabilities [N, classes] that the file at ``path`` gives."""
    module = load_torchscript(path)
    parts = np.array_split(faces, -(-len(faces) // 256))
    with torch.inference_mode():
        return np.concatenate([module(torch.from_numpy(part)).numpy() for part in parts])


def load_torchscript(path: Path) -> torch.nn.Module:
    """Return the module of the file at ``path``."""
    with _torchscript_allowed():
        module: torch.nn.Module = torch.jit.load(str(path))  # type: ignore[no-untyped-call]  # bare
    return module


def _save(module: torch.nn.Module, input_shape: tuple[int, int, int], path: Path) -> None:
    example = torch.zeros((2, *input_shape), dtype=torch.uint8)
    # Faces come as NHWC; weights in the same order are a fifth faster on a CPU.
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    with _torchscript_allowed(), torch.no_grad():
        traced = torch.jit.trace(module, example)  # type: ignore[no-untyped-call]  # bare too
        torch.jit.save(torch.jit.freeze(traced), str(path))


@contextmanager
def _torchscript_allowed() -> Iterator[None]:
    """Silence torch's advice to leave TorchScript: it is what TorchServe 0.12 loads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is deprecated", DeprecationWarning)
        yield
