"""Mixup: learning from weighted means of two faces and of their targets.

Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018. A face is mixed with its
neighbour in the batch, rows 0 and 1, 2 and 3 and so on. The order is shuffled, so this partner is
as random as any, and it stays at hand where several devices share a batch, each taking a stretch
with an even number of rows.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from mien_training.augmentation.changes import Changes

Floats = npt.NDArray[np.float32]
Tensor = Any


def mix_faces(faces: Tensor, share: Tensor) -> Tensor:
    """Return [N, H, W, C]: ``share`` [N, 1] of each face, the rest from its partner."""
    rows = ops.arange(ops.shape(faces)[0])
    # The last of an odd number has no neighbour and is mixed with itself.
    partner = ops.minimum(rows + 1 - 2 * (rows % 2), ops.shape(faces)[0] - 1)
    others = ops.take(faces, partner, axis=0)
    return others + (faces - others) * ops.reshape(share, (-1, 1, 1, 1))


def mix_targets(targets: Floats, changes: Changes) -> Floats:
    """Return [N, K], mixed like the faces, or as they are where nothing is mixed."""
    if "share" not in changes:
        return targets
    rows = np.arange(len(targets))
    partner = np.minimum(rows ^ 1, len(rows) - 1)
    share = changes["share"]
    mixed: Floats = targets * share + targets[partner] * (1 - share)
    return mixed
