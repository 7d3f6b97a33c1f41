"""Loading a released model: the network of its sidecar with its weights."""

from pathlib import Path

import keras

from mien_training.architectures import build
from mien_training.releases.sidecar import WEIGHTS, Sidecar, read_sidecar
from mien_training.releases.weights import load_weights


def load_released(folder: Path) -> tuple[Sidecar, keras.Model]:
    """Return the sidecar and the network, from scaled faces to logits, of a model folder.

    Raises:
        WeightsError: the sidecar or the weights are missing or do not fit each other.
        ConfigError: the architecture does not exist.
    """
    sidecar = read_sidecar(folder)
    network = build(sidecar.architecture, sidecar.input_shape, len(sidecar.labels))
    load_weights(folder / WEIGHTS, network)
    return sidecar, network
