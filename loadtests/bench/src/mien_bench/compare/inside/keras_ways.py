"""Keras on whichever framework was chosen: the weights, not what was exported of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from mien_bench.compare.faces import Faces
from mien_bench.compare.plan import Way
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released

Call = Callable[[Faces], np.ndarray]
"""From uint8 [N, height, width, channels] to probabilities float32 [N, classes]."""


def keras_ways(
    model_dir: Path, direct: Callable[[keras.Model], Call]
) -> Mapping[Way, Callable[[], Call]]:
    """Return what makes each of Keras' ways ready; each builds a model of its own.

    `direct` makes `model(faces)` take and give arrays, in the framework's words.
    """

    def built() -> keras.Model:
        sidecar, network = load_released(model_dir)
        return serving_model(network, sidecar.temperature)

    def predict() -> Call:
        model = built()
        return lambda faces: np.asarray(model.predict(faces, verbose=0))

    def on_batch() -> Call:
        model = built()
        return lambda faces: np.asarray(model.predict_on_batch(faces))

    return {Way.CALL: lambda: direct(built()), Way.PREDICT: predict, Way.ON_BATCH: on_batch}
