"""Graphs around a network: what is trained and what is served.

Both begin with bytes, so the scaling of pixels stands here and nowhere else.
"""

import keras
from keras import layers

# Middle grey becomes 0 and the spread of FER2013's pixels about 1.
_PIXEL_MEAN = 127.5
_PIXEL_SPREAD = 63.75


def _scaling() -> layers.Rescaling:
    scale = 1 / _PIXEL_SPREAD
    return layers.Rescaling(scale, offset=-_PIXEL_MEAN * scale, name="scaling")


def logits_model(network: keras.Model) -> keras.Model:
    """Return the graph from bytes [N, H, W, C] to logits [N, classes]."""
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    return keras.Model(faces, network(_scaling()(faces)), name="logits_model")


def voted_model(network: keras.Model, names: int) -> keras.Model:
    """Return the graph from bytes to class logits and logits over ``names`` FER+ names.

    The second head reads the same features; it teaches them and is thrown away afterwards.
    """
    features = network.get_layer("features").output
    votes = layers.Conv2D(names, 1, dtype="float32", name="votes_classifier")(features)
    votes = layers.GlobalAveragePooling2D(dtype="float32", name="votes")(votes)
    both = keras.Model(network.input, [network.output, votes], name="two_heads")
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    return keras.Model(faces, both(_scaling()(faces)), name="voted_model")


def serving_model(network: keras.Model, temperature: float) -> keras.Model:
    """Return the graph from bytes [N, H, W, C] to probabilities float32 [N, classes]."""
    faces = keras.Input(network.input_shape[1:], dtype="uint8", name="faces")
    logits = network(_scaling()(faces))
    calm = layers.Rescaling(1 / temperature, dtype="float32", name="temperature")(logits)
    probabilities = layers.Softmax(dtype="float32", name="probabilities")(calm)
    return keras.Model(faces, probabilities, name="serving_model")
