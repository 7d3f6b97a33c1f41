"""Architectures by name; each is written once and runs on both frameworks."""

from collections.abc import Callable

import keras

from mien_training.architectures.squeezenet import squeezenet
from mien_training.errors import ConfigError

Builder = Callable[[tuple[int, int, int], int], keras.Model]

ARCHITECTURES: dict[str, Builder] = {"squeezenet": squeezenet}


def build(name: str, input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the untrained network ``name``, from scaled faces to logits.

    Raises:
        ConfigError: there is no such architecture.
    """
    if name not in ARCHITECTURES:
        message = f"no architecture {name!r}; there are: {', '.join(sorted(ARCHITECTURES))}"
        raise ConfigError(message)
    return ARCHITECTURES[name](input_shape, classes)
