"""Batches of augmented faces with their targets, made in a thread beside the step."""

import keras
import numpy as np
import numpy.typing as npt

from mien_training.augment import augment
from mien_training.data import LABELS, Faces
from mien_training.recipe import Recipe

Floats = npt.NDArray[np.float32]
Targets = tuple[Floats, ...]


def label_targets(faces: Faces, smoothing: float) -> Floats:
    """Return float32 [N, 7]: one-hot labels with ``smoothing`` spread over all classes."""
    classes = len(LABELS)
    return (np.eye(classes)[faces.labels] * (1 - smoothing) + smoothing / classes).astype(
        np.float32
    )


def vote_targets(faces: Faces) -> Floats:
    """Return float32 [N, 10]: the share of the FER+ votes that each name got."""
    votes = faces.votes.astype(np.float32)
    shares: Floats = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    return shares


class EpochBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras is untyped
    """One epoch of the training part.

    The order and the changes depend on seed, epoch and batch only, so that a resumed run sees
    what an uninterrupted one would have seen. A last, smaller batch is left out.
    """

    def __init__(self, faces: Faces, recipe: Recipe, epoch: int) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self._faces = faces
        self._recipe = recipe
        self._epoch = epoch
        self._order = np.random.default_rng((recipe.seed, epoch)).permutation(len(faces))
        self._targets: Targets = (label_targets(faces, recipe.label_smoothing),)
        if recipe.votes_weight:
            self._targets += (vote_targets(faces),)

    def __len__(self) -> int:
        return len(self._faces) // self._recipe.batch_size

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.uint8], Targets | Floats]:
        size = self._recipe.batch_size
        rows = self._order[index * size : (index + 1) * size]
        rng = np.random.default_rng((self._recipe.seed, self._epoch, index))
        images = augment(self._faces.images[rows], self._recipe.augmentation, rng)
        targets = tuple(target[rows] for target in self._targets)
        return images, targets if len(targets) > 1 else targets[0]
