"""TorchScript of a released model, for TorchServe, which then needs nothing but torch."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from mien_training.architectures import find_architecture
from mien_training.export.checking import Floats, check_against
from mien_training.export.explaining import Longs, check_explained
from mien_training.export.folding import fold, folded_name
from mien_training.export.torch_explained import Explained
from mien_training.export.torch_graph import torch_head, torch_module
from mien_training.export.torch_packed import pack_convolutions
from mien_training.graphs import serving_halves, serving_model
from mien_training.releases.released import load_released


def export_torchscript(model_dir: Path, out_path: Path) -> float:
    """Write the TorchScript of the model in ``model_dir`` and return its largest difference.

    The file takes uint8 [N, H, W, C] and gives probabilities float32 [N, classes]; its method
    ``explain`` takes classes int64 [N] too and gives Grad-CAM maps float32 [N, H, W] beside them.

    Raises:
        ExportError: a layer has no twin, or the file disagrees with the Keras model.
    """
    sidecar, network = load_released(model_dir)
    layer = find_architecture(sidecar.architecture).last_map
    halves = serving_halves(fold(network), sidecar.temperature, folded_name(network, layer))
    out_path.parent.mkdir(parents=True, exist_ok=True)
    temporary = out_path.with_name(f".{out_path.name}.tmp")
    try:
        _save(torch_module(halves[0]), torch_head(halves[1]), sidecar.input_shape, temporary)
        wanted = serving_model(network, sidecar.temperature)
        difference = check_against(wanted, lambda faces: run_torchscript(temporary, faces))
        check_explained(network, layer, lambda *given: explain_torchscript(temporary, *given))
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


def explain_torchscript(
    path: Path, faces: npt.NDArray[np.uint8], classes: Longs
) -> tuple[Floats, Floats]:
    """Return the probabilities [N, classes] and the maps [N, H, W] of the file at ``path``."""
    module = load_torchscript(path)
    with torch.no_grad():
        given = module.explain(torch.from_numpy(faces), torch.from_numpy(classes))
    return given[0].numpy(), given[1].numpy()


def load_torchscript(path: Path) -> torch.jit.ScriptModule:
    """Return the module of the file at ``path``."""
    with _torchscript_allowed():
        module: torch.jit.ScriptModule = torch.jit.load(str(path))  # type: ignore[no-untyped-call]  # bare
    return module


def _save(
    features: torch.nn.Module, head: torch.nn.Module, input_shape: tuple[int, int, int], path: Path
) -> None:
    example = torch.zeros((2, *input_shape), dtype=torch.uint8)
    with _torchscript_allowed(), torch.no_grad():
        for half in (features, head):
            # Faces come as NHWC; weights in the same order are a fifth faster on a CPU.
            half.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
        place = features(example)
        # The head stays plain: what explains a class finds gradients through it.
        pack_convolutions(features, example)
        parts = Explained(_traced(features, example), _traced(head, place))
        # Not frozen: that would save the packed weights instead of what they are packed from.
        torch.jit.save(torch.jit.script(parts.eval()), str(path))


def _traced(module: torch.nn.Module, example: torch.Tensor) -> torch.nn.Module:
    traced: torch.nn.Module = torch.jit.trace(module, example)  # type: ignore[no-untyped-call]  # bare too
    return traced


@contextmanager
def _torchscript_allowed() -> Iterator[None]:
    """Silence torch's advice to leave TorchScript: it is what TorchServe 0.12 loads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is deprecated", DeprecationWarning)
        yield
