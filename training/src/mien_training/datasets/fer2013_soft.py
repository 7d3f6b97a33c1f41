"""FER2013 with targets between its label and what the ten FER+ votes make likely."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien_training.datasets.faces import Faces, Floats, Parts
from mien_training.datasets.fer2013 import Fer2013
from mien_training.errors import DataError

_LABEL_SHARE = 0.5


class Fer2013Soft(Fer2013):
    """Half of a training target is the label, half is what the votes make likely.

    A label of FER2013 is one opinion, and a network learns its errors by heart. The votes say how
    sure ten other people were, and the training part tells how often each label goes with what
    they named. The validation part is FER2013's own.
    """

    title = f"{Fer2013.title}, its labels softened by FER+ (E. Barsoum et al., ICMI 2016)"

    def read(self, folder: Path) -> Parts:
        """Return FER2013 with soft training targets.

        Raises:
            DataError: as FER2013, or there are no FER+ votes.
        """
        parts = super().read(folder)
        if not parts.training.extra.size:
            message = f"{folder} has no FER+ votes; {self.remedy}"
            raise DataError(message)
        targets = _LABEL_SHARE * parts.training.targets + (1 - _LABEL_SHARE) * likely_labels(
            parts.training
        )
        return replace(parts, training=replace(parts.training, targets=targets))


def likely_labels(faces: Faces) -> Floats:
    """Return float32 [N, classes]: how likely each label is, by the votes in ``extra`` alone.

    Faces with the same first and second name, and the same share for the first, are counted
    together; one face more, spread over all classes, keeps rare combinations from certainty.
    """
    _, group = np.unique(_combinations(faces.extra), axis=0, return_inverse=True)
    classes = faces.targets.shape[1]
    counts = np.full((group.max() + 1, classes), 1 / classes, np.float32)
    np.add.at(counts, group, faces.targets)
    likely: Floats = (counts / counts.sum(axis=1, keepdims=True))[group]
    return likely


def _combinations(shares: Floats) -> npt.NDArray[np.int64]:
    """Return int64 [N, 3]: first name, second name (the first, if alone), tenths for the first."""
    order = np.argsort(-shares, axis=1, kind="stable")
    ranked = np.take_along_axis(shares, order, axis=1)
    second = np.where(ranked[:, 1] > 0, order[:, 1], order[:, 0])
    return np.stack([order[:, 0], second, np.rint(10 * ranked[:, 0]).astype(np.int64)], axis=1)
