"""FER2013 as all its layouts hold it: faces in the order of the original, with their usage."""

from dataclasses import dataclass

import numpy as np

from mien_training.datasets.faces import Bytes, Floats, Rows

SIDE = 48
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
VOTED = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "not a face",
)
"""The names that FER+'s annotators chose from."""
TRAINING, PUBLIC_TEST, PRIVATE_TEST = range(3)


@dataclass(frozen=True)
class Fer2013Rows:
    """All faces of a folder.

    Attributes:
        images: uint8 [N, 48, 48, 1].
        labels: uint8 [N], of the seven labels.
        usage: uint8 [N]: Training, PublicTest, PrivateTest.
        votes: uint8 [N, 10], FER+'s votes; None where the folder has none.
    """

    images: Bytes
    labels: Bytes
    usage: Bytes
    votes: Bytes | None = None

    def take(self, rows: Rows) -> "Fer2013Rows":
        """Return the chosen rows: a mask, indices or a slice."""
        votes = None if self.votes is None else self.votes[rows]
        return Fer2013Rows(self.images[rows], self.labels[rows], self.usage[rows], votes)


def vote_shares(votes: Bytes) -> Floats:
    """Return float32 [N, names]: the share of the votes that each name got."""
    counts = votes.astype(np.float32)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
