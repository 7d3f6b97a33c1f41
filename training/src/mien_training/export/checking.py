"""The check that an exported graph says what its model says."""

from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

from mien_training.errors import ExportError

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

TOLERANCE = 1e-4
# 200 faces in all, among them single ones and odd numbers.
_SIZES = (1, 2, 7, 62, 128)


def check_against(wanted: keras.Model, exported: Callable[[Bytes], Floats]) -> float:
    """Return the largest difference of probabilities on drawn faces, batches of several sizes.

    Raises:
        ExportError: a batch gives another shape or differs by more than ``TOLERANCE``.
    """
    faces = drawn_faces(sum(_SIZES), wanted.input_shape[1:])
    parts = np.split(faces, np.cumsum(_SIZES)[:-1])
    return max(_difference(wanted, exported, part) for part in parts)


def _difference(wanted: keras.Model, exported: Callable[[Bytes], Floats], faces: Bytes) -> float:
    right = keras.ops.convert_to_numpy(wanted(faces, training=False))
    found = exported(faces)
    if found.shape != right.shape:
        message = f"the exported graph gives {found.shape} where the model gives {right.shape}"
        raise ExportError(message)
    difference = float(np.abs(found - right).max())
    # Written so that a not-a-number fails too.
    if not difference <= TOLERANCE:
        message = f"the exported graph differs from its model by {difference:.2g} > {TOLERANCE}"
        raise ExportError(message)
    return difference


def drawn_faces(count: int, shape: tuple[int, int, int]) -> Bytes:
    """Return faces of smooth blots, uint8 [count, H, W, C]; noise alone would look all the same."""
    height, width, channels = shape
    rng = np.random.default_rng(0)
    coarse = rng.integers(
        0, 256, (count, -(-height // 8), -(-width // 8), channels), dtype=np.uint8
    )
    fine = coarse.repeat(8, axis=1).repeat(8, axis=2)
    return np.ascontiguousarray(fine[:, :height, :width])
