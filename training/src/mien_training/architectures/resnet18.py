"""ResNet-18 for faces of 40 to 48 pixels (K. He et al., CVPR 2016, with the stem for CIFAR).

The stem is one 3x3 convolution without pooling: at 224 pixels a first layer may skip three of
four pixels, at 44 it would skip the face.
"""

from typing import Any

import keras
from keras import layers

from mien_training.architectures.architecture import Architecture, Shape

Tensor = Any

_STAGES = (64, 128, 256, 512)
_BLOCKS = 2


def resnet18(input_shape: Shape, classes: int) -> keras.Model:
    """Return the network from scaled faces [N, H, W, C] to logits [N, classes]."""
    inputs = keras.Input(input_shape, name="scaled")
    x = _normalised(inputs, _STAGES[0], 3, 1, "stem")
    x = layers.ReLU(name="stem_relu")(x)
    for stage, width in enumerate(_STAGES, 1):
        for block in range(1, _BLOCKS + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            x = _block(x, width, stride, f"stage{stage}_block{block}")
    x = layers.Dropout(0.2, name="features")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    outputs = layers.Dense(classes, dtype="float32", name="classifier")(x)
    return keras.Model(inputs, outputs, name="resnet18")


def _block(x: Tensor, width: int, stride: int, name: str) -> Tensor:
    """Two 3x3 convolutions beside the input, which is fitted where the shape changes."""
    y = _normalised(x, width, 3, stride, f"{name}_a")
    y = layers.ReLU(name=f"{name}_a_relu")(y)
    y = _normalised(y, width, 3, 1, f"{name}_b")
    if stride > 1:
        x = _normalised(x, width, 1, stride, f"{name}_fit")
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([y, x]))


def _normalised(x: Tensor, width: int, size: int, stride: int, name: str) -> Tensor:
    x = layers.Conv2D(
        width,
        size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)


RESNET18 = Architecture(
    build=resnet18,
    input_shape=(44, 44, 1),
    head=("classifier",),
    last_block="stage4_block1_a",
    last_map="stage4_block2_out",
)
