"""Grad-CAM as a function of TensorFlow that a SavedModel can hold."""

from collections.abc import Callable

import keras
import tensorflow as tf

Explain = Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]


def explainer(features: keras.Model, head: keras.Model) -> Explain:
    """Return the function from faces and classes to probabilities and heat.

    Args:
        features: from faces uint8 [N, H, W, C] to the map float32 [N, h, w, F].
        head: from the map to logits [N, classes].
    """

    def explain(faces: tf.Tensor, classes: tf.Tensor) -> dict[str, tf.Tensor]:
        """``classes`` is int64 [N], -1 a face's own; ``heat`` is float32 [N, H, W] in 0 to 1."""
        place = features(faces, training=False)
        with tf.GradientTape() as tape:
            tape.watch(place)
            logits = head(place, training=False)
            asked = tf.where(classes < 0, tf.argmax(logits, axis=1), classes)
            score = tf.reduce_sum(logits * tf.one_hot(asked, logits.shape[1]))
        weights = tf.reduce_mean(tape.gradient(score, place), axis=(1, 2), keepdims=True)
        heat = tf.nn.relu(tf.reduce_sum(place * weights, axis=-1, keepdims=True))
        # The division takes out the temperature too, by which the logits were divided.
        heat /= tf.maximum(tf.reduce_max(heat, axis=(1, 2), keepdims=True), 1e-12)
        large = tf.image.resize(heat, faces.shape[1:3])
        return {"probabilities": tf.nn.softmax(logits), "heat": tf.squeeze(large, axis=-1)}

    return explain
