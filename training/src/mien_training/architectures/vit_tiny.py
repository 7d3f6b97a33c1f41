"""ViT-Tiny: patches of 16 pixels, 192 wide, 12 layers of 3 heads (H. Touvron et al., ICML 2021).

The classifier reads the mean of all patches instead of a class token, which trains as well and
leaves a map for explanations (L. Beyer et al., "Better plain ViT baselines", 2022).
"""

from typing import Any

import keras
from keras import layers

from mien_training.architectures.architecture import Architecture, Shape
from mien_training.errors import ConfigError

Tensor = Any

_PATCH = 16
_WIDTH = 192
_LAYERS = 12
_HEADS = 3
_EPSILON = 1e-6


@keras.saving.register_keras_serializable("mien")
class Positions(layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Adds a learned vector to each patch: [N, patches, width] to the same."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the vectors."""
        self.vectors = self.add_weight(
            shape=input_shape[1:],
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="vectors",
        )

    def call(self, x: Tensor) -> Tensor:
        """Return ``x`` with its places added."""
        return x + self.vectors


def vit_tiny(input_shape: Shape, classes: int) -> keras.Model:
    """Return the network from scaled faces [N, H, W, C] to logits [N, classes].

    Raises:
        ConfigError: a side is no multiple of 16.
    """
    height, width = (side // _PATCH for side in input_shape[:2])
    if any(side % _PATCH for side in input_shape[:2]):
        message = f"vit-tiny cuts faces into patches of {_PATCH}; {input_shape} does not divide"
        raise ConfigError(message)
    inputs = keras.Input(input_shape, name="scaled")
    x = layers.Conv2D(_WIDTH, _PATCH, strides=_PATCH, name="patches")(inputs)
    x = layers.Reshape((height * width, _WIDTH), name="sequence")(x)
    x = Positions(name="positions")(x)
    for number in range(1, _LAYERS + 1):
        x = _layer(x, f"layer{number}")
    x = layers.LayerNormalization(epsilon=_EPSILON, name="norm")(x)
    x = layers.Reshape((height, width, _WIDTH), name="map")(x)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    outputs = layers.Dense(classes, dtype="float32", name="classifier")(x)
    return keras.Model(inputs, outputs, name="vit_tiny")


def _layer(x: Tensor, name: str) -> Tensor:
    """Attention and two dense layers, each on normalised input and beside its input."""
    y = layers.LayerNormalization(epsilon=_EPSILON, name=f"{name}_norm1")(x)
    y = layers.MultiHeadAttention(_HEADS, _WIDTH // _HEADS, name=f"{name}_attention")(y, y)
    x = layers.Add(name=f"{name}_add1")([x, y])
    y = layers.LayerNormalization(epsilon=_EPSILON, name=f"{name}_norm2")(x)
    y = layers.Dense(4 * _WIDTH, activation="gelu", name=f"{name}_wide")(y)
    y = layers.Dense(_WIDTH, name=f"{name}_narrow")(y)
    return layers.Add(name=f"{name}_add2")([x, y])


VIT_TINY = Architecture(
    build=vit_tiny,
    input_shape=(224, 224, 3),
    head=("classifier",),
    last_block="layer12_norm1",
    last_map="map",
)
