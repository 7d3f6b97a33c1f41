"""A model small enough to be made on the spot, in the form that the exporter gives."""

import hashlib
import warnings
from pathlib import Path

import torch
import yaml
from torch import nn

from mien_models import Model, load_registry
from mien_torch_serving.archive.build import build
from mien_torch_serving.settings import TorchServeSettings

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
NAME = "fer2013-tiny"
SERVED_NAME = "fer2013-tiny-pytorch"


class Tiny(nn.Module):
    """uint8 [N, H, W, C] -> probabilities float32 [N, 7], another row for another face."""

    def __init__(self, pixels: int) -> None:
        super().__init__()
        drawn = torch.randn((pixels, len(LABELS)), generator=torch.Generator().manual_seed(7))
        self.weights = nn.Parameter(drawn / pixels**0.5)

    def forward(self, faces: torch.Tensor) -> torch.Tensor:
        """Compute."""
        return torch.softmax((faces.float() / 255).flatten(1) @ self.weights, dim=1)

    def explain(
        self, faces: torch.Tensor, classes: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the probabilities and a heat [N, H, W] that tells faces and classes apart."""
        said = self(faces)
        asked = torch.where(classes < 0, said.argmax(dim=1), classes)
        return said, faces[..., 0] / 255 + asked.view(-1, 1, 1)


def export_tiny(model: Model, out: Path) -> None:
    """Write TorchScript, in place of the training package's exporter."""
    shape = (model.input.height, model.input.width, model.input.channels)
    with warnings.catch_warnings(), torch.no_grad():
        # TorchServe loads TorchScript; torch would rather have it forgotten.
        warnings.simplefilter("ignore", DeprecationWarning)
        module = Tiny(model.input.size_bytes).eval()
        faces, classes = torch.zeros((2, *shape), dtype=torch.uint8), torch.tensor([-1, 0])
        examples = {"forward": faces, "explain": (faces, classes)}
        traced = torch.jit.trace_module(module, examples)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.jit.save(traced, str(out))


def build_tiny(settings: TorchServeSettings) -> list[str]:
    """Build the archive of the settings' registry; returns what the builder said."""
    said: list[str] = []
    build(load_registry(settings.registry), settings, said.append, export_tiny)
    return said


def probabilities(faces: torch.Tensor) -> torch.Tensor:
    """What the model says, computed in this process."""
    with torch.inference_mode():
        result: torch.Tensor = Tiny(faces[0].numel()).eval()(faces)
    return result


def explained(faces: torch.Tensor, classes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the model explains, computed in this process."""
    with torch.no_grad():
        return Tiny(faces[0].numel()).eval().explain(faces, torch.tensor(classes))


def write_registry(
    folder: Path, *, height: int = 48, width: int = 48, channels: int = 1, version: int = 3
) -> Path:
    """Write a registry with this one model, and weights that nobody reads."""
    weights = folder / NAME / str(version) / "weights.safetensors"
    weights.parent.mkdir(parents=True, exist_ok=True)
    weights.write_bytes(b"weights")
    entry = {
        "name": NAME,
        "version": version,
        "dataset": "fer2013",
        "architecture": "tiny",
        "input": {"height": height, "width": width, "channels": channels},
        "labels": list(LABELS),
        "frameworks": ["pytorch", "tensorflow"],
        "weights": {
            "path": str(weights.relative_to(folder)),
            "sha256": hashlib.sha256(b"weights").hexdigest(),
        },
        "licence": "None",
    }
    path = folder / "registry.yaml"
    path.write_text(yaml.safe_dump({"models": [entry]}), encoding="utf-8")
    return path
