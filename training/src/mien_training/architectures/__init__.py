"""Architectures by name; each is written once and runs on both frameworks."""

import keras

from mien_training.architectures.architecture import Architecture, Shape
from mien_training.architectures.squeezenet import SQUEEZENET
from mien_training.errors import ConfigError

__all__ = ["ARCHITECTURES", "Architecture", "build", "find_architecture"]

ARCHITECTURES: dict[str, Architecture] = {"squeezenet": SQUEEZENET}


def find_architecture(name: str) -> Architecture:
    """Return the architecture ``name``.

    Raises:
        ConfigError: there is no such architecture.
    """
    if name not in ARCHITECTURES:
        message = f"no architecture {name!r}; there are: {', '.join(sorted(ARCHITECTURES))}"
        raise ConfigError(message)
    return ARCHITECTURES[name]


def build(name: str, input_shape: Shape, classes: int) -> keras.Model:
    """Return the untrained network ``name``, from scaled faces to logits.

    Raises:
        ConfigError: there is no such architecture.
    """
    return find_architecture(name).build(input_shape, classes)
