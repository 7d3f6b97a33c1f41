"""Learning from released models beside the labels (G. Hinton, O. Vinyals, J. Dean, 2015).

A teacher looks at each face as it is and mirrored, once, before training: its opinion of the
changed copies is near that, and asking it every step would cost as much as training.
"""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from mien_training.augmentation.batches import resize_faces
from mien_training.datasets.faces import Bytes, Faces, Floats, Parts
from mien_training.errors import ConfigError
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released
from mien_training.runs.recipe import Distillation


def with_teachers(parts: Parts, how: Distillation, folders: list[Path]) -> Parts:
    """Return the parts with the teachers' probabilities mixed into the training targets.

    Raises:
        ConfigError: a teacher knows other labels than the data set.
        WeightsError: a teacher's files are missing or damaged.
    """
    opinions = [_opinion(folder, parts, how.temperature) for folder in folders]
    mean = np.mean(opinions, axis=0)
    targets = (1 - how.weight) * parts.training.targets + how.weight * mean
    training: Faces = replace(parts.training, targets=targets.astype(np.float32))
    return replace(parts, training=training)


def _opinion(folder: Path, parts: Parts, temperature: float) -> Floats:
    sidecar, network = load_released(folder)
    if sidecar.labels != parts.labels:
        message = f"the teacher {folder} has other labels than the data set: {sidecar.labels}"
        raise ConfigError(message)
    model = serving_model(network, sidecar.temperature * temperature)
    images = resize_faces(parts.training.images, sidecar.input_shape)
    views = [_probabilities(model, view) for view in (images, images[:, :, ::-1])]
    mean: Floats = np.mean(views, axis=0, dtype=np.float32)
    return mean


def _probabilities(model: keras.Model, images: Bytes) -> Floats:
    given: Floats = model.predict(np.ascontiguousarray(images), batch_size=256, verbose=0)
    return given
