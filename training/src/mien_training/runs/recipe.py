"""The recipe of a training run, read from a YAML file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)

from mien_training.errors import ConfigError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Augmentation(_Strict):
    """How far a training face may be changed, each time it is seen."""

    mirror: float = Field(default=0.5, ge=0, le=1)
    """Probability of a left-right mirror."""
    rotation_degrees: float = Field(default=0.0, ge=0, le=90)
    """Largest turn either way; the face is enlarged until no corner is empty."""
    shift: float = Field(default=0.0, ge=0, lt=1)
    """Largest move along either axis, as a fraction of the side."""
    zoom: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of size either way, as a fraction."""
    shear: float = Field(default=0.0, ge=0, lt=1)
    """Largest slant either way, in widths a height."""
    brightness: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of brightness either way, as a fraction of full white."""
    contrast: float = Field(default=0.0, ge=0, lt=1)
    """Largest change of contrast either way, as a fraction."""
    erase: float = Field(default=0.0, ge=0, le=1)
    """Probability that a rectangle is replaced by one grey."""
    erase_side: tuple[float, float] = (0.1, 0.4)
    """Smallest and largest side of that rectangle, as fractions of the side."""
    mixup: float = Field(default=0.0, ge=0)
    """Alpha of the beta distribution that two faces are mixed by; 0 mixes none."""


class Phase(_Strict):
    """A stretch of epochs with one learning rate schedule and one choice of trained layers."""

    epochs: int = Field(gt=0)
    """Passes over the training part."""
    learning_rate: float = Field(gt=0)
    """Peak learning rate."""
    schedule: Literal["cosine", "plateau", "constant"] = "cosine"
    """Cosine to zero, times 0.75 after 5 epochs without a better validation, or neither."""
    warmup_epochs: float = Field(default=0.0, ge=0)
    """Epochs of linear warm-up; not with plateau."""
    train: Literal["all", "head", "last-block"] | PositiveInt = "all"
    """What learns: all layers, the new head, the last block and the head, or the last N layers."""

    @model_validator(mode="after")
    def _warmup_needs_a_schedule(self) -> "Phase":
        if self.warmup_epochs and self.schedule == "plateau":
            message = "warmup_epochs does not go with the plateau schedule"
            raise ValueError(message)
        return self


class Distillation(_Strict):
    """Learning from the probabilities of released models beside the labels."""

    teachers: tuple[str, ...] = Field(min_length=1)
    """Names of released models with the same labels; their probabilities are averaged."""
    weight: float = Field(default=0.5, gt=0, le=1)
    """Share of the teachers in the target."""
    temperature: float = Field(default=1.0, gt=0)
    """Divisor of the teachers' logits; above 1 softens them."""


class Recipe(_Strict):
    """Everything that decides a run's outcome beside the data."""

    name: str
    """Model name without the framework, <dataset>-<architecture>."""
    version: int = Field(default=1, ge=1)
    """Version of the model that the run makes."""
    expected: str
    """What the run is expected to give, how long it takes and on what."""
    dataset: str
    """Name in the registry of data sets."""
    architecture: str
    """Name in the registry of architectures."""
    weights: str = "none"
    """What to start from: none, imagenet, or a weights file, relative to the repository."""
    input_shape: tuple[int, int, int] = (48, 48, 1)
    """Height, width, channels of a face; faces of another size are resized."""
    seed: int = 0
    """Seed of weights, order, augmentation and dropout."""
    phases: tuple[Phase, ...] = Field(min_length=1)
    """What is done, in order."""
    batch_size: int = Field(default=128, gt=0)
    """Faces a step."""
    optimizer: Literal["adamw", "sgd"] = "adamw"
    """AdamW, or stochastic gradient descent with Nesterov momentum 0.9."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Decoupled decay of kernels (not of biases or normalisation)."""
    clip_norm: float | None = Field(default=None, gt=0)
    """Largest norm of the gradient of all weights together; none leaves it."""
    ema: float = Field(default=0.999, ge=0, lt=1)
    """Momentum of the moving average of the weights, a step; 0 keeps the weights themselves."""
    early_stopping: int | None = Field(default=None, gt=0)
    """End a phase after so many epochs without a better validation; none never does."""
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    """Share of the target spread over all classes."""
    extra_weight: float = Field(default=0.0, ge=0)
    """Weight of the loss of a second head that learns the data set's extra; 0 leaves it out."""
    balance: Literal["none", "class-weights", "oversample", "augment"] = "none"
    """What is done about classes of unequal size."""
    distillation: Distillation | None = None
    """Teachers, if any."""
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Type of the computation; the weights stay float32."""
    augmentation: Augmentation = Augmentation()
    """Changes made to training faces."""

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)


def load_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """Read and check a recipe; ``changes`` such as ``seed=3`` replace fields of the file.

    Raises:
        ConfigError: the file is missing, is no YAML mapping or holds an unknown or bad field.
    """
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
        for change in changes:
            name, _, value = change.partition("=")
            fields[name] = yaml.safe_load(value)
        return Recipe.model_validate(fields)
    except (OSError, TypeError, yaml.YAMLError, ValidationError) as exc:
        message = f"cannot use the recipe {path}: {exc}"
        raise ConfigError(message) from exc
