"""Faces for the model servers and the processes: noise, each sent once."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mien_models.registry import InputShape

Faces = npt.NDArray[np.uint8]

_POOL = 64
_CHECKED, _CHECKED_SEED = 8, 7


def faces(count: int, shape: InputShape, seed: int) -> Faces:
    """Return uint8 [count, height, width, channels] of blots of 8 x 8 pixels.

    Pure noise would look all the same to a network that looks for features.
    """
    random = np.random.default_rng(seed)
    rows, columns = -(-shape.height // 8), -(-shape.width // 8)
    coarse = random.integers(0, 256, (count, rows, columns, shape.channels), dtype=np.uint8)
    fine = coarse.repeat(8, axis=1).repeat(8, axis=2)
    return np.ascontiguousarray(fine[:, : shape.height, : shape.width])


def checked_faces(shape: InputShape) -> Faces:
    """Return the faces for which every way must give the same answers."""
    return faces(_CHECKED, shape, _CHECKED_SEED)


def messages(batch: int, shape: InputShape, seed: int = 0) -> Iterator[bytes]:
    """Yield messages of `batch` faces without end; no face comes again within a run."""
    pool = faces(_POOL, shape, seed)
    random = np.random.default_rng(seed)
    while True:
        chosen = pool[random.integers(0, _POOL, batch)]
        # The corner is noise: drawing every pixel anew would take longer than some answers.
        chosen[:, :4, :4] = random.integers(0, 256, (batch, 4, 4, shape.channels), dtype=np.uint8)
        yield chosen.tobytes()
