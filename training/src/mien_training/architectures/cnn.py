"""The plain convolutional networks of many theses: `cnn3`, `cnn4` and the deeper `vgg8`."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from mien_training.architectures.architecture import Architecture, Builder, Shape

Tensor = Any

_DROPOUT = 0.5


def _plain(name: str, filters: Sequence[int], dense: int, *, pairs: bool = False) -> Builder:
    """Return the builder: convolution, normalisation and pooling, then one dense layer.

    With ``pairs`` there are two convolutions between poolings, as in a VGG.
    """

    def build(input_shape: Shape, classes: int) -> keras.Model:
        inputs = keras.Input(input_shape, name="scaled")
        x = inputs
        for number, width in enumerate(filters, 1):
            for part in "ab"[: 2 if pairs else 1]:
                x = _convolution(x, width, f"block{number}{part}")
            x = layers.MaxPooling2D(2, name=f"block{number}_pool")(x)
        x = layers.Flatten(name="flat")(x)
        x = layers.Dense(dense, activation="relu", kernel_initializer="he_normal", name="dense")(x)
        x = layers.Dropout(_DROPOUT, name="features")(x)
        outputs = layers.Dense(classes, dtype="float32", name="classifier")(x)
        return keras.Model(inputs, outputs, name=name)

    return build


def _convolution(x: Tensor, width: int, name: str) -> Tensor:
    x = layers.Conv2D(
        width, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


CNN3 = Architecture(
    build=_plain("cnn3", (32, 64, 128), dense=512),
    input_shape=(48, 48, 1),
    head=("classifier",),
    last_block="block3a",
    last_map="block3a_relu",
)
CNN4 = Architecture(
    build=_plain("cnn4", (32, 64, 128, 256), dense=256),
    input_shape=(48, 48, 1),
    head=("classifier",),
    last_block="block4a",
    last_map="block4a_relu",
)
VGG8 = Architecture(
    build=_plain("vgg8", (64, 128, 256), dense=256, pairs=True),
    input_shape=(48, 48, 1),
    head=("classifier",),
    last_block="block3a",
    last_map="block3b_relu",
)
