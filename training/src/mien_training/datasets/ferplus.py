"""FER+: the faces of FER2013 with ten annotators' votes instead of one label."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien_training.datasets.faces import Bytes, Faces, Floats, Parts
from mien_training.datasets.fer2013_layouts import REMEDY, find_layout
from mien_training.datasets.fer2013_rows import (
    PRIVATE_TEST,
    PUBLIC_TEST,
    TRAINING,
    VOTED,
    Fer2013Rows,
)
from mien_training.datasets.splitting import require_every_class
from mien_training.errors import DataError

LABELS = VOTED[:8]
_FEWEST_VOTES = 2

Mask = npt.NDArray[np.bool_]


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
    remedy = (
        f"{REMEDY}; the votes of a fer2013.csv are Microsoft's fer2013new.csv, put beside it, and "
        "picture folders can have none"
    )

    def __init__(self, *, soft: bool) -> None:
        self._soft = soft

    def files(self, folder: Path) -> list[Path]:
        """Return the files of the folder's layout."""
        return find_layout(folder).files(folder)

    def read(self, folder: Path) -> Parts:
        """Return the parts of FER2013 without the discarded rows.

        Raises:
            DataError: there are no votes, or a file does not hold what it should.
        """
        rows = find_layout(folder).read(folder, self.remedy)
        if rows.votes is None:
            message = f"{folder} holds FER2013 without the votes of FER+; {self.remedy}"
            raise DataError(message)
        votes = counted(rows.votes)
        scored = strict_majority(votes)
        trained = led_by_a_class(votes) if self._soft else scored
        test = scored & (rows.usage == PRIVATE_TEST)
        parts = Parts(
            LABELS,
            self._faces(rows, votes, trained & (rows.usage == TRAINING)),
            self._faces(rows, votes, scored & (rows.usage == PUBLIC_TEST)),
            self._faces(rows, votes, test) if test.any() else None,
        )
        return require_every_class(parts, folder, self.remedy)

    def _faces(self, rows: Fer2013Rows, votes: Bytes, kept: Mask) -> Faces:
        classes = votes[kept, : len(LABELS)].astype(np.float32)
        labels = classes.argmax(axis=1).astype(np.uint8)
        shares: Floats = classes / classes.sum(axis=1, keepdims=True)
        targets = shares if self._soft else np.eye(len(LABELS), dtype=np.float32)[labels]
        return Faces(rows.images[kept], labels, targets, np.zeros((len(labels), 0), np.float32))


def counted(votes: Bytes) -> Bytes:
    """Return the votes [N, 10] without names that one annotator alone gave."""
    return np.where(votes >= _FEWEST_VOTES, votes, 0).astype(np.uint8)


def led_by_a_class(votes: Bytes) -> Mask:
    """Return which rows have votes left and a first name that is a class."""
    led: Mask = (votes.max(axis=1) > 0) & (votes.argmax(axis=1) < len(LABELS))
    return led


def strict_majority(votes: Bytes) -> Mask:
    """Return which rows have a class that holds more than half of the votes."""
    most = votes.max(axis=1).astype(int)
    strict: Mask = led_by_a_class(votes) & (2 * most > votes.sum(axis=1, dtype=int))
    return strict
