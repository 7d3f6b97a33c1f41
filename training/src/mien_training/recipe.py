"""The recipe of a training run, read from a YAML file."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mien_training.errors import ConfigError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Augmentation(_Strict):
    """How far a training face may be changed, each time it is seen."""

    mirror: float = Field(default=0.5, ge=0, le=1)
    """Probability of a left-right mirror."""
    rotation_degrees: float = Field(default=0.0, ge=0, le=90)
    """Largest turn either way."""
    shift: float = Field(default=0.0, ge=0, lt=1)
    """Largest move along either axis, as a fraction of the side."""
    zoom: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of size either way, as a fraction."""
    brightness: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of brightness either way, as a fraction of full white."""
    contrast: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of contrast either way, as a fraction."""
    erase: float = Field(default=0.0, ge=0, le=1)
    """Probability that a rectangle is replaced by noise."""
    erase_side: tuple[float, float] = (0.1, 0.4)
    """Smallest and largest side of that rectangle, as fractions of the side."""


class Recipe(_Strict):
    """Everything that decides a run's outcome beside the data."""

    name: str
    """Model name without the framework, e.g. fer2013-squeezenet."""
    version: int = Field(default=1, ge=1)
    """Version of the model that the run makes."""
    expected: str
    """What the run is expected to give, how long it takes and on what."""
    architecture: str
    """Name in the architecture registry."""
    input_shape: tuple[int, int, int] = (48, 48, 1)
    """Height, width, channels of a face."""
    seed: int = 0
    """Seed of weights, order, augmentation and dropout."""
    epochs: int = Field(gt=0)
    """Passes over the training part."""
    batch_size: int = Field(default=128, gt=0)
    """Faces a step."""
    learning_rate: float = Field(gt=0)
    """Peak learning rate of AdamW."""
    warmup_epochs: float = Field(default=1.0, ge=0)
    """Epochs of linear warm-up before the cosine begins."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Decoupled decay of kernels (not of biases or normalisation)."""
    ema: float = Field(default=0.999, ge=0, lt=1)
    """Momentum of the moving average of the weights, a step."""
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    """Share of the target spread over all classes."""
    votes_weight: float = Field(default=0.0, ge=0)
    """Weight of the extra loss against the FER+ votes; 0 leaves the extra head out."""
    bfloat16: bool = False
    """Compute in bfloat16 with float32 weights."""
    augmentation: Augmentation = Augmentation()
    """Changes made to training faces."""


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises:
        ConfigError: the file is missing, is no YAML mapping or holds an unknown or bad field.
    """
    try:
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        message = f"cannot use the recipe {path}: {exc}"
        raise ConfigError(message) from exc
