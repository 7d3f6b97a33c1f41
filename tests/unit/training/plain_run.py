"""A run so small that it takes seconds; imported once the framework is chosen."""

from typing import Any

import keras
import numpy as np

from mien_training.architectures import ARCHITECTURES, Architecture
from mien_training.datasets.faces import Parts, labelled
from mien_training.runs.recipe import Augmentation, Phase, Recipe

SHAPE = (12, 12, 1)
CLASSES = 4


def plain(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """A network without normalisation, whose statistics would differ on each device."""
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="features")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def plain_recipe(**changes: Any) -> Recipe:
    """The recipe of the plain network, which it makes known."""
    ARCHITECTURES["plain"] = Architecture(plain, SHAPE, ("head",), "features", "features")
    values: dict[str, Any] = {
        "name": "drawn-plain",
        "expected": "the same on any number of devices",
        "dataset": "fer2013",
        "architecture": "plain",
        "input_shape": SHAPE,
        "phases": (Phase(epochs=2, learning_rate=0.01),),
        "optimizer": "sgd",
        "batch_size": 8,
        "augmentation": Augmentation(shift=0.1, mixup=0.2),
    }
    return Recipe(**values | changes)


def plain_parts() -> Parts:
    """32 faces in four shades of grey."""
    labels = np.arange(32, dtype=np.uint8) % CLASSES
    noise = np.random.default_rng(0).integers(0, 60, (32, *SHAPE))
    images = (noise + 50 * labels[:, None, None, None]).astype(np.uint8)
    faces = labelled(images, labels, CLASSES)
    return Parts(tuple("abcd"), faces, faces)
