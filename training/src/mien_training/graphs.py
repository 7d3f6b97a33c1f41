"""Graphs around a network: what is trained and what is served.

All begin with bytes, so the scaling of pixels stands here and nowhere else.
"""

import keras
import numpy as np
from keras import layers

from mien_training.augmentation.augment import Augment, change_inputs
from mien_training.datasets.faces import Bytes, Floats
from mien_training.runs.recipe import Augmentation

# Middle grey becomes 0 and the spread of FER2013's pixels about 1.
_PIXEL_MEAN = 127.5
_PIXEL_SPREAD = 63.75


def _scaling() -> layers.Rescaling:
    scale = 1 / _PIXEL_SPREAD
    return layers.Rescaling(scale, offset=-_PIXEL_MEAN * scale, name="scaling")


def scaled_bytes(images: Bytes) -> Floats:
    """Return float32 [N, H, W, C] as the scaling layer makes them, for use outside a graph."""
    scaled: Floats = (images.astype(np.float32) - _PIXEL_MEAN) / _PIXEL_SPREAD
    return scaled


def logits_model(network: keras.Model) -> keras.Model:
    """Return the graph from bytes [N, H, W, C] to logits [N, classes]."""
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    return keras.Model(faces, network(_scaling()(faces)), name="logits_model")


def training_model(network: keras.Model, how: Augmentation, extra: int) -> keras.Model:
    """Return the graph from bytes and drawn changes to class logits, and ``extra`` more logits.

    With ``extra`` a second head reads the same features; it teaches them and is thrown away
    afterwards.
    """
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    inputs = {"faces": faces, **change_inputs(how)}
    heads = two_heads(network, extra) if extra else network
    return keras.Model(inputs, heads(_scaling()(Augment(how)(inputs))), name="training_model")


def two_heads(network: keras.Model, extra: int) -> keras.Model:
    """Return the network with a second head of ``extra`` logits over the layer ``features``."""
    features = network.get_layer("features").output
    if len(features.shape) > 2:  # noqa: PLR2004 - [N, F] has two axes
        features = layers.GlobalAveragePooling2D(dtype="float32", name="extra_mean")(features)
    logits = layers.Dense(extra, dtype="float32", name="extra_logits")(features)
    return keras.Model(network.input, [network.output, logits], name="two_heads")


def serving_model(network: keras.Model, temperature: float) -> keras.Model:
    """Return the graph from bytes [N, H, W, C] to probabilities float32 [N, classes]."""
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    calm = _calming(temperature)(network(_scaling()(faces)))
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(calm)
    return keras.Model(faces, probabilities, name="serving_model")


def serving_halves(
    network: keras.Model, temperature: float, layer: str
) -> tuple[keras.Model, keras.Model]:
    """Return the serving graph in two, cut behind ``layer``, without its softmax.

    The first goes from bytes [N, H, W, C] to the layer's map [N, h, w, F], the second from there
    to logits [N, classes] divided by the temperature. They share the weights of ``network``.
    """
    place = network.get_layer(layer).output
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    found = keras.Model(network.input, place)(_scaling()(faces))
    given = keras.Input(place.shape[1:], name="map")
    calm = _calming(temperature)(keras.Model(place, network.output)(given))
    return keras.Model(faces, found, name="features"), keras.Model(given, calm, name="head")


def _calming(temperature: float) -> layers.Rescaling:
    return layers.Rescaling(1 / temperature, dtype="float32", name="temperature")
