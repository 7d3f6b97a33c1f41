"""What every reader returns: faces with labels, in parts that share no picture and no person."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.integer[Any]] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True)
class Faces:
    """A part of a data set.

    Attributes:
        images: uint8 [N, H, W, C], grey or RGB.
        labels: uint8 [N], the class that a prediction is held against.
        targets: float32 [N, classes], what training aims at; rows add up to 1.
        extra: float32 [N, M], what a second head learns beside; M is 0 where there is nothing.
        people: int64 [N], equal where two pictures show one person, -1 where that is not known;
            None where nothing is known. It keeps people from standing on two sides of a split.
    """

    images: Bytes
    labels: Bytes
    targets: Floats
    extra: Floats
    people: Ints | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Rows) -> "Faces":
        """Return the chosen rows: a mask, indices or a slice."""
        people = None if self.people is None else self.people[rows]
        return Faces(
            self.images[rows], self.labels[rows], self.targets[rows], self.extra[rows], people
        )


@dataclass(frozen=True)
class Parts:
    """A data set, split before anything is done to its pictures.

    Attributes:
        labels: names of the classes, in the order of the targets.
        training: what the weights are fitted to.
        validation: what chooses the epoch and fits the temperature (FER2013: PublicTest).
        test: what is looked at once, at the end; None where it is kept elsewhere.
    """

    labels: tuple[str, ...]
    training: Faces
    validation: Faces
    test: Faces | None = None


def labelled(images: Bytes, labels: Bytes, classes: int, people: Ints | None = None) -> Faces:
    """Return faces whose only target is their label."""
    targets = np.eye(classes, dtype=np.float32)[labels]
    return Faces(images, labels, targets, np.zeros((len(labels), 0), np.float32), people)
