"""The customised SqueezeNet: small faces, eleven fire modules, simple bypass, one dropout."""

from typing import Any

import keras
from keras import layers

from mien_training.architectures.architecture import Architecture

Tensor = Any

# Squeeze and expand filters of every fire module; a pooling stands between the stages.
# The original has eight modules; these eleven see a face at 24, 12 and 6 pixels a side.
_STAGES = (
    ((16, 64), (16, 64)),
    ((32, 128), (32, 128), (32, 128), (32, 128)),
    ((48, 192), (48, 192), (48, 192), (64, 256), (64, 256)),
)
_STEM_FILTERS = 32
_DROPOUT = 0.2


def squeezenet(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the network from scaled faces [N, H, W, C] to logits [N, classes]."""
    inputs = keras.Input(input_shape, name="scaled")
    x = _conv(_STEM_FILTERS, 3, "stem", use_bias=False)(inputs)
    x = layers.BatchNormalization(name="stem_norm")(x)
    x = layers.ReLU(name="stem_relu")(x)
    number = 1
    for stage in _STAGES:
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
        for squeeze, expand in stage:
            number += 1
            x = _fire(x, squeeze, expand, f"fire{number}")
    x = layers.Dropout(_DROPOUT, name="features")(x)
    # The head stays in float32 whatever the policy: logits in bfloat16 have two digits.
    x = layers.Conv2D(classes, 1, dtype="float32", name="classifier")(x)
    outputs = layers.GlobalAveragePooling2D(dtype="float32", name="logits")(x)
    return keras.Model(inputs, outputs, name="squeezenet")


def _conv(filters: int, size: int, name: str, *, use_bias: bool = True) -> layers.Conv2D:
    return layers.Conv2D(
        filters,
        size,
        padding="same",
        use_bias=use_bias,
        kernel_initializer="he_normal",
        name=name,
    )


def _fire(x: Tensor, squeeze: int, expand: int, name: str) -> Tensor:
    """Squeeze to few channels, expand by 1x1 and 3x3 side by side, add the input where it fits."""
    y = _conv(squeeze, 1, f"{name}_squeeze", use_bias=False)(x)
    y = layers.BatchNormalization(name=f"{name}_norm")(y)
    y = layers.ReLU(name=f"{name}_squeeze_relu")(y)
    narrow = layers.ReLU(name=f"{name}_expand1_relu")(_conv(expand, 1, f"{name}_expand1")(y))
    wide = layers.ReLU(name=f"{name}_expand3_relu")(_conv(expand, 3, f"{name}_expand3")(y))
    out = layers.Concatenate(name=f"{name}_concat")([narrow, wide])
    if out.shape != x.shape:
        return out
    return layers.Add(name=f"{name}_bypass")([out, x])


SQUEEZENET = Architecture(
    build=squeezenet,
    input_shape=(48, 48, 1),
    head=("classifier",),
    last_block="fire10_squeeze",
    last_map="fire12_bypass",
)
