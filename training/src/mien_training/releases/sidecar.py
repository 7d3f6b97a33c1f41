"""The sidecar of a released model: what it is and where it came from, as model.json."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mien_training.backend import Framework
from mien_training.errors import ConfigError, WeightsError
from mien_training.evaluation.metrics import Figures

SIDECAR = "model.json"
WEIGHTS = "weights.safetensors"


class Sidecar(BaseModel):
    """Facts that serve the weights, and facts that explain them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """Model name without the framework."""
    version: int = Field(ge=1)
    """Version, which is also the name of the folder."""
    dataset: str
    """Name in the registry of data sets."""
    labels: tuple[str, ...]
    """Names of the classes in the order of the outputs."""
    input_shape: tuple[int, int, int]
    """Height, width, channels of a face, uint8."""
    architecture: str
    """Name in the architecture registry."""
    temperature: float = Field(gt=0)
    """Divisor of the logits before softmax."""
    seed: int
    """Seed of the run."""
    recipe: dict[str, Any]
    """The whole recipe of the run; empty for an untrained model."""
    data_sha256: str
    """Hash over the data files; empty for an untrained model."""
    git_revision: str
    """Revision of the trainer."""
    best_epoch: int = Field(ge=0)
    """Epoch whose weights these are; 0 for an untrained model."""
    evaluation: dict[Framework, Figures] = {}
    """Figures on PublicTest per framework, through the exported graphs."""
    twins_max_difference: float | None = None
    """Largest difference of a probability between the twins on PublicTest."""


def newest_version(models: Path, name: str) -> Path:
    """Return the folder of the highest version of the model ``name``.

    Raises:
        ConfigError: there is none.
    """
    versions = [folder for folder in (models / name).glob("*") if folder.name.isdigit()]
    if not versions:
        there = ", ".join(sorted(path.parent.parent.name for path in models.glob(f"*/*/{SIDECAR}")))
        message = f"no model {name!r} in {models}; there are: {there or 'none'}"
        raise ConfigError(message)
    return max(versions, key=lambda folder: int(folder.name))


def read_sidecar(folder: Path) -> Sidecar:
    """Read the sidecar in ``folder``.

    Raises:
        WeightsError: it is missing or lacks a field.
    """
    path = folder / SIDECAR
    try:
        return Sidecar.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as exc:
        message = f"cannot use {path}: {exc}; restore it or release the model again"
        raise WeightsError(message) from exc


def write_sidecar(folder: Path, sidecar: Sidecar) -> None:
    """Write the sidecar into ``folder``; the old one stays until the new one is whole."""
    path = folder / SIDECAR
    temporary = path.with_suffix(".tmp")
    temporary.write_text(sidecar.model_dump_json(indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
