"""Checkpoints of a run: everything needed to go on as if nothing had happened."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
import numpy.typing as npt

from mien_training.errors import CheckpointError
from mien_training.runs.averaging import MovingAverage

Array = npt.NDArray[Any]

_META = "meta"


def save_checkpoint(
    path: Path, model: keras.Model, average: MovingAverage, meta: dict[str, Any]
) -> None:
    """Write all state of a run; the old file stays until the new one is whole."""
    values = [keras.ops.convert_to_numpy(variable) for variable in _variables(model)]
    arrays = {f"v{i:04d}": value for i, value in enumerate([*values, *average.values])}
    whole = {**meta, "average_updates": average.updates}
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **{_META: np.array(json.dumps(whole))}, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as exc:
        with suppress(OSError):
            temporary.unlink()
        message = f"cannot write the checkpoint {path}: {exc.strerror}; the last one is untouched"
        raise CheckpointError(message) from exc


def load_checkpoint(path: Path, model: keras.Model, average: MovingAverage) -> None:
    """Put a saved state into a built and compiled ``model`` and its average.

    Raises:
        CheckpointError: the file is unreadable or its arrays do not fit.
    """
    meta, values = _read(path)
    variables = _variables(model)
    if [v.shape for v in values] != [tuple(v.shape) for v in [*variables, *average.values]]:
        message = f"the checkpoint {path} belongs to another model; choose another --run folder"
        raise CheckpointError(message)
    for variable, value in zip(variables, values, strict=False):
        variable.assign(value)
    average.values = values[len(variables) :]
    average.updates = meta["average_updates"]


def read_meta(path: Path) -> dict[str, Any]:
    """Return the meta data of a checkpoint alone.

    Raises:
        CheckpointError: the file is unreadable.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[dict[str, Any], list[Array]]:
    try:
        # NumPy leaves a file open that it cannot read, but not one that it was given.
        with path.open("rb") as file, np.load(file) as archive:
            values = [archive[f"v{i:04d}"] for i in range(len(archive.files) - 1)]
            return json.loads(str(archive[_META])), values
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
        message = f"cannot read the checkpoint {path} ({exc}); delete it to begin anew"
        raise CheckpointError(message) from exc


def _variables(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
