"""Weights files: float16 safetensors whose keys are layer and variable names."""

from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from mien_training.errors import WeightsError

Arrays = dict[str, npt.NDArray[np.float16]]


def network_arrays(network: keras.Model) -> Arrays:
    """Return every weight of ``network`` as float16, keyed ``layer/variable``."""
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused below
        arrays = {
            key: keras.ops.convert_to_numpy(variable).astype(np.float16)
            for key, variable in named_weights(network)
        }
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            message = f"{key} does not fit float16; the run has diverged"
            raise WeightsError(message)
    return arrays


def save_weights(path: Path, arrays: Arrays) -> None:
    """Write ``arrays``; the old file stays until the new one is whole."""
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_bytes(save(arrays))
        temporary.replace(path)
    except OSError as exc:
        message = f"cannot write the weights {path}: {exc.strerror}; free some space"
        raise WeightsError(message) from exc


def load_weights(path: Path, network: keras.Model) -> None:
    """Put the weights of ``path`` into ``network``.

    Raises:
        WeightsError: the file is missing or damaged, or its keys or shapes do not fit.
    """
    arrays = read_arrays(path)
    wanted = {key: tuple(variable.shape) for key, variable in named_weights(network)}
    found = {key: array.shape for key, array in arrays.items()}
    if wanted != found:
        odd = sorted(
            key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)
        )
        message = f"{path} does not fit {network.name}: {', '.join(odd[:5])} of {len(odd)} differ"
        raise WeightsError(message)
    for key, variable in named_weights(network):
        variable.assign(arrays[key].astype(np.float32))


def read_arrays(path: Path) -> Arrays:
    """Return the arrays of a weights file by key.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as exc:
        message = f"cannot read the weights {path}: {exc}"
        raise WeightsError(message) from exc


def named_weights(network: keras.Model) -> list[tuple[str, keras.Variable]]:
    """List weights as ``layer/variable``; states of random generators are no weights."""
    # A path begins with the name that a layer was born with, which need not be its name now.
    return [
        (f"{layer.name}/{v.path.partition('/')[2]}", v)
        for layer in network.layers
        for v in layer.weights
    ]
