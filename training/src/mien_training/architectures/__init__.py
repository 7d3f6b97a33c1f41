"""Architectures by name; each is written once and runs on both frameworks."""

import keras

from mien_training.architectures import imagenet
from mien_training.architectures.architecture import Architecture, Shape
from mien_training.architectures.cnn import CNN3, CNN4, VGG8
from mien_training.architectures.resnet18 import RESNET18
from mien_training.architectures.squeezenet import SQUEEZENET
from mien_training.architectures.vit_tiny import VIT_TINY
from mien_training.errors import ConfigError

__all__ = ["ARCHITECTURES", "Architecture", "build", "find_architecture"]

ARCHITECTURES: dict[str, Architecture] = {
    "cnn3": CNN3,
    "cnn4": CNN4,
    "vgg8": VGG8,
    "squeezenet": SQUEEZENET,
    "resnet18": RESNET18,
    "vgg16": imagenet.VGG16,
    "resnet50": imagenet.RESNET50,
    "mobilenetv2": imagenet.MOBILENETV2,
    "inceptionv3": imagenet.INCEPTIONV3,
    "efficientnetb0": imagenet.EFFICIENTNETB0,
    "vit-tiny": VIT_TINY,
}


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
        ConfigError: there is no such architecture, or it cannot take such faces.
    """
    return find_architecture(name).build(input_shape, classes)
