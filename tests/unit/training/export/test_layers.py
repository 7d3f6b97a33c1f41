"""The torch twin of each kind of layer, against Keras."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import torch
from keras import layers

from mien_training.architectures.vit_tiny import Positions
from mien_training.errors import ExportError
from mien_training.export.torch_graph import torch_module

Build = Callable[[Any], Any]


def draw(model: keras.Model) -> keras.Model:
    """Give every weight a drawn value; variances must be positive."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        lowest = 0.2 if isinstance(layer, layers.BatchNormalization) else -1
        values = [rng.uniform(lowest, 1, w.shape) for w in layer.get_weights()]
        layer.set_weights(values)
    return model


def compare(shape: tuple[int, int, int], build: Build) -> None:
    """The plain torch module says what the Keras graph says of drawn bytes."""
    inputs = keras.Input(shape, dtype="uint8")
    model = draw(keras.Model(inputs, build(layers.Rescaling(1 / 255)(inputs))))
    faces = np.random.default_rng(1).integers(0, 256, (3, *shape), dtype=np.uint8)
    right = np.asarray(model(faces))
    with torch.inference_mode():
        found = torch_module(model)(torch.from_numpy(faces)).numpy()
    if found.ndim == 4:
        found = found.transpose(0, 2, 3, 1)
    assert np.ptp(right) > 0
    np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(lambda **how: layers.Conv2D(5, 3, **how), id="convolution"),
        pytest.param(lambda **how: layers.Conv2D(4, 2, **how), id="even kernel"),
        pytest.param(lambda **how: layers.Conv2D(4, (1, 3), groups=2, **how), id="groups"),
        pytest.param(lambda **how: layers.DepthwiseConv2D(3, **how), id="depthwise"),
        pytest.param(
            lambda **how: layers.DepthwiseConv2D(3, depth_multiplier=2, **how), id="multiplier"
        ),
        pytest.param(lambda **how: layers.MaxPooling2D(3, **how), id="maximum"),
    ],
)
@pytest.mark.parametrize("strides", [1, 2])
def test_windows_lie_where_tensorflow_puts_them(
    layer: Callable[..., Any], padding: str, strides: int, side: int
) -> None:
    """TensorFlow's "same" has the odd row after the map, and depends on its size."""
    compare((side, side + 1, 4), layer(padding=padding, strides=strides))


def test_a_dilated_convolution_is_the_same() -> None:
    """A kernel with holes reaches further."""
    compare((9, 9, 2), layers.Conv2D(3, 3, padding="same", dilation_rate=2))


@pytest.mark.parametrize(("padding", "strides"), [("valid", 2), ("same", 1)])
def test_a_mean_counts_nothing_outside(padding: str, strides: int) -> None:
    """At the border it is the mean of fewer places."""
    compare((7, 7, 2), layers.AveragePooling2D(3, padding=padding, strides=strides))


@pytest.mark.parametrize(
    "activation", ["linear", "relu", "relu6", "silu", "gelu", "sigmoid", "tanh"]
)
def test_activations_inside_and_after_layers_are_the_same(activation: str) -> None:
    """In a convolution, in a dense layer, and alone."""
    compare((4, 4, 2), layers.Conv2D(3, 1, activation=activation))
    compare((4, 4, 2), lambda x: layers.Dense(3, activation=activation)(layers.Flatten()(x)))
    compare((4, 4, 2), layers.Activation(activation))


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(layers.ZeroPadding2D(((0, 1), (2, 3))), id="frame of zeros"),
        pytest.param(layers.BatchNormalization(), id="batch normalisation"),
        pytest.param(layers.BatchNormalization(scale=False, center=False), id="without scale"),
        pytest.param(layers.Normalization(mean=[0.1, 0.2], variance=[0.5, 2.0]), id="standardised"),
        pytest.param(layers.Normalization(mean=[0.0, 0.0], variance=[1.0, 1.0]), id="identity"),
        pytest.param(layers.ReLU(max_value=6), id="relu6"),
        pytest.param(layers.GlobalAveragePooling2D(), id="mean"),
        pytest.param(layers.Dropout(0.5), id="dropout"),
        pytest.param(lambda x: layers.Softmax()(layers.Flatten()(x)), id="softmax of flattened"),
        pytest.param(lambda x: layers.Add()([x, layers.ReLU()(x)]), id="add"),
        pytest.param(lambda x: layers.Concatenate()([x, layers.ReLU()(x)]), id="concatenate"),
    ],
)
def test_other_layers_are_the_same(build: Build) -> None:
    """One by one."""
    compare((4, 5, 2), build)


def test_a_gate_over_channels_is_the_same() -> None:
    """Squeeze and excite: a mean becomes a map of one pixel and multiplies the map."""

    def build(x: Any) -> Any:
        gate = layers.Reshape((1, 1, 3))(layers.GlobalAveragePooling2D()(x))
        return layers.Multiply()([x, layers.Conv2D(3, 1, activation="sigmoid")(gate)])

    compare((4, 5, 3), build)


def test_a_mean_that_stays_a_map_is_the_same() -> None:
    """Inside a gate the pixels' mean keeps its axes."""
    compare((4, 5, 3), layers.GlobalAveragePooling2D(keepdims=True))


def test_attention_over_patches_is_the_same() -> None:
    """Patches become a sequence, get places, attend to each other, and become a map again."""

    def build(x: Any) -> Any:
        x = Positions()(layers.Reshape((6, 8))(layers.Conv2D(8, 2, strides=2)(x)))
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(2, 3)(y, y)])
        x = layers.Dense(8, activation="gelu")(x)
        return layers.Reshape((2, 3, 8))(x)

    compare((4, 6, 1), build)


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        (layers.UpSampling2D(name="odd"), "odd is a UpSampling2D"),
        (layers.Conv2D(2, 3, activation="selu", name="odd"), "odd: activation selu"),
        (layers.LayerNormalization(name="odd"), "odd: this layer normalisation"),
        (layers.Dense(3, name="odd"), "odd: a dense layer over a map"),
        (layers.ReLU(negative_slope=0.1, name="odd"), "odd: slope"),
        (layers.AveragePooling2D(2, padding="same", name="odd"), "odd: uneven padding of a mean"),
    ],
)
def test_a_layer_without_a_twin_is_named(layer: keras.layers.Layer, what: str) -> None:
    """What cannot be written as TorchScript is refused by name, never silently changed."""
    inputs = keras.Input((7, 7, 2), dtype="uint8")
    model = keras.Model(inputs, layer(layers.Rescaling(1.0)(inputs)))
    with pytest.raises(ExportError, match=what):
        torch_module(model)
