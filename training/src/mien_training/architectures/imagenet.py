"""Networks of keras.applications: their own layers, a fixed entry for faces and a new head."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from mien_training.architectures.architecture import Architecture, Builder, Shape
from mien_training.errors import ConfigError

Tensor = Any
Triple = tuple[float, float, float]

# What the scaling of `graphs` has made of a byte, undone: byte = 63.75 * scaled + 127.5.
_SPREAD, _MIDDLE = 63.75, 127.5
_DROPOUT = 0.2
_COUNTED = re.compile(
    r"(conv2d|batch_normalization|activation|concatenate|average_pooling2d|max_pooling2d"
    r"|rescaling|normalization)(_\d+)?$"
)


@keras.saving.register_keras_serializable("mien")
class Fixed(keras.initializers.Initializer):  # type: ignore[misc]  # Keras is untyped
    """Begins with given values."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> Tensor:
        """Return the values, which have the shape already."""
        return keras.ops.reshape(keras.ops.convert_to_tensor(self.values, dtype), shape)

    def get_config(self) -> dict[str, Any]:
        """Return what makes it again."""
        return {"values": self.values}


@dataclass(frozen=True)
class Pixels:
    """What a network was given on ImageNet: (byte - mean) / spread, in RGB or BGR order."""

    mean: Triple
    spread: Triple
    bgr: bool = False


# Means of ImageNet's bytes; VGG and ResNet are Caffe's, with blue first and no spread.
CAFFE = Pixels((103.939, 116.779, 123.68), (1.0, 1.0, 1.0), bgr=True)
PLUS_MINUS_ONE = Pixels((127.5,) * 3, (127.5,) * 3)
# EfficientNet divides by 255 itself; its normalisation is left at the identity and done here.
EFFICIENT = Pixels(
    (255 * 0.485, 255 * 0.456, 255 * 0.406),
    (0.229, 0.224, 0.225),
)


@dataclass(frozen=True)
class Base:
    """A network of keras.applications and what it was trained on."""

    application: Callable[..., keras.Model]
    pixels: Pixels
    least_side: int
    dense: int | None = None
    """Width of a dense layer before the classifier, if there is one."""


BASES: dict[str, Base] = {
    "vgg16": Base(keras.applications.VGG16, CAFFE, 32, dense=256),
    "resnet50": Base(keras.applications.ResNet50, CAFFE, 32),
    "mobilenetv2": Base(keras.applications.MobileNetV2, PLUS_MINUS_ONE, 32),
    "inceptionv3": Base(keras.applications.InceptionV3, PLUS_MINUS_ONE, 75),
    "efficientnetb0": Base(keras.applications.EfficientNetB0, EFFICIENT, 32),
}


def _builder(name: str) -> Builder:
    base = BASES[name]

    def build(input_shape: Shape, classes: int) -> keras.Model:
        if min(input_shape[:2]) < base.least_side:
            message = f"{name} needs faces of {base.least_side} pixels or more, not {input_shape}"
            raise ConfigError(message)
        inputs = keras.Input(input_shape, name="scaled")
        x = _entry(base.pixels, input_shape[2])(inputs)
        x = _body(base, x)
        x = layers.Dropout(_DROPOUT, name="features")(x)
        x = layers.GlobalAveragePooling2D(name="mean")(x)
        if base.dense:
            x = layers.Dense(base.dense, activation="relu", name="dense")(x)
            x = layers.Dropout(0.5, name="dense_dropout")(x)
        outputs = layers.Dense(classes, dtype="float32", name="classifier")(x)
        return keras.Model(inputs, outputs, name=name)

    return build


def _entry(pixels: Pixels, channels: int) -> layers.Conv2D:
    """Return the fixed 1x1 convolution from scaled faces, grey or RGB, to what a network knows."""
    mean, spread = np.array(pixels.mean), np.array(pixels.spread)
    kernel = np.full((1, 3), 1.0) if channels == 1 else np.eye(3)
    kernel = (kernel[:, ::-1] if pixels.bgr else kernel) * _SPREAD / spread
    bias = (_MIDDLE - mean) / spread
    return layers.Conv2D(
        3,
        1,
        trainable=False,
        kernel_initializer=Fixed(kernel[np.newaxis, np.newaxis].tolist()),
        bias_initializer=Fixed(bias.tolist()),
        name="entry",
    )


def _body(base: Base, x: Tensor) -> Tensor:
    """Return the network's last map on ``x``, with names that depend on nothing built before.

    keras.applications leaves some layers, most of Inception's, to a counter of the process.
    """
    body = base.application(include_top=False, weights=None, input_tensor=x)
    numbers: Counter[str] = Counter()
    for layer in body.layers:
        kind = _COUNTED.match(layer.name)
        if kind:
            numbers[kind[1]] += 1
            layer.name = f"{kind[1]}_{numbers[kind[1]]}"
    return body.output


def _architecture(name: str, side: int, last_block: str, last_map: str) -> Architecture:
    head = ("dense", "classifier") if BASES[name].dense else ("classifier",)
    return Architecture(
        build=_builder(name),
        input_shape=(side, side, 3),
        head=head,
        last_block=last_block,
        last_map=last_map,
        imagenet=True,
    )


VGG16 = _architecture("vgg16", 48, "block5_conv1", "block5_conv3")
RESNET50 = _architecture("resnet50", 96, "conv5_block1_1_conv", "conv5_block3_out")
MOBILENETV2 = _architecture("mobilenetv2", 96, "block_16_expand", "out_relu")
INCEPTIONV3 = _architecture("inceptionv3", 96, "conv2d_86", "mixed10")
EFFICIENTNETB0 = _architecture("efficientnetb0", 96, "block7a_expand_conv", "top_activation")
