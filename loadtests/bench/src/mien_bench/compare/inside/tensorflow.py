"""TensorFlow's ways; to be imported where Keras runs on TensorFlow."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from mien_bench.compare.faces import Faces
from mien_bench.compare.inside.keras_ways import Call, keras_ways
from mien_bench.compare.plan import Way

_SIGNATURE, _OUTPUT = "serving_default", "probabilities"


def set_threads(number: int) -> None:
    """Let TensorFlow compute with so many threads."""
    tf.config.threading.set_intra_op_parallelism_threads(number)
    tf.config.threading.set_inter_op_parallelism_threads(number)


def ways(saved_model: Path, model_dir: Path) -> Mapping[Way, Callable[[], Call]]:
    """Return what makes each way ready to be called."""
    return {Way.GRAPH: lambda: _signature(saved_model), **keras_ways(model_dir, _arrays)}


def _signature(saved_model: Path) -> Call:
    """The `tf.function` that TensorFlow Serving runs, out of the SavedModel that it was given."""
    loaded = tf.saved_model.load(str(saved_model))
    signature = loaded.signatures[_SIGNATURE]

    def run(faces: Faces, _kept_alive: object = loaded) -> np.ndarray:
        found: np.ndarray = signature(faces=tf.constant(faces))[_OUTPUT].numpy()
        return found

    return run


def _arrays(model: keras.Model) -> Call:
    def call(faces: Faces) -> np.ndarray:
        found: np.ndarray = model(tf.constant(faces), training=False).numpy()
        return found

    return call
