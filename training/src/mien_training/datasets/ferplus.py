"""FER+: the faces of FER2013 with ten annotators' votes instead of one label."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien_training.datasets.faces import Bytes, Faces, Floats, Parts
from mien_training.datasets.fer2013_sheets import read_sheets, sheet_files

LABELS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
_FEWEST_VOTES = 2


class FerPlus:
    """Eight classes; a face is scored where one class holds more than half of the votes.

    Trained on the same rule and on that class, or with ``soft`` on every face whose first name is
    a class, aiming at the shares of its votes (the "cross-entropy" mode of the FER+ paper).
    """

    title = "FER2013 with the FER+ votes (E. Barsoum et al., ICMI 2016)"
    licence = (
        "Trained on FER2013, whose pictures were collected from the web, with the FER+ votes "
        "(MIT licence): research and education"
    )
    remedy = "give the folder that holds fer2013-*.png and fer2013-labels.npz with --data"

    def __init__(self, *, soft: bool) -> None:
        self._soft = soft

    def files(self, folder: Path) -> list[Path]:
        """Return the sheets and the label file."""
        return sheet_files(folder)

    def read(self, folder: Path) -> Parts:
        """Return Training and PublicTest without the discarded rows."""
        arrays = read_sheets(folder, self.remedy)
        votes = counted(arrays["ferplus_votes"])
        training, public = arrays["usage"] == 0, arrays["usage"] == 1
        trained = training & (led_by_a_class(votes) if self._soft else strict_majority(votes))
        return Parts(
            LABELS,
            self._faces(arrays["images"][trained], votes[trained]),
            self._faces(*(a[public & strict_majority(votes)] for a in (arrays["images"], votes))),
        )

    def _faces(self, images: Bytes, votes: Bytes) -> Faces:
        classes = votes[:, : len(LABELS)].astype(np.float32)
        labels = classes.argmax(axis=1).astype(np.uint8)
        shares: Floats = classes / classes.sum(axis=1, keepdims=True)
        targets = shares if self._soft else np.eye(len(LABELS), dtype=np.float32)[labels]
        return Faces(images, labels, targets, np.zeros((len(labels), 0), np.float32))


def counted(votes: Bytes) -> Bytes:
    """Return the votes [N, 10] without names that one annotator alone gave."""
    return np.where(votes >= _FEWEST_VOTES, votes, 0).astype(np.uint8)


def led_by_a_class(votes: Bytes) -> npt.NDArray[np.bool_]:
    """Return which rows have votes left and a first name that is a class."""
    return (votes.max(axis=1) > 0) & (votes.argmax(axis=1) < len(LABELS))


def strict_majority(votes: Bytes) -> npt.NDArray[np.bool_]:
    """Return which rows have a class that holds more than half of the votes."""
    most = votes.max(axis=1).astype(int)
    return led_by_a_class(votes) & (2 * most > votes.sum(axis=1, dtype=int))
