"""Batches of faces, with the changes drawn for them and their targets."""

from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt

from mien_training.augmentation.balancing import class_weights, oversampled_rows
from mien_training.augmentation.changes import Changes, draw_changes
from mien_training.augmentation.mixing import mix_targets
from mien_training.datasets.faces import Bytes, Faces, Ints
from mien_training.errors import ConfigError
from mien_training.runs.recipe import Recipe

Floats = npt.NDArray[np.float32]
Batch = tuple[Any, ...]


class EpochBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras is untyped
    """One epoch of the training part: bytes and drawn changes by name, and targets.

    The targets are one array [N, classes], or a pair with the extra's where that is learned.
    With class weights a weight [N] follows for each face. (Scaled targets would not do: the
    gradient of TensorFlow's cross-entropy takes it that they add up to 1.) Where `balance` is
    "augment" the faces come from `balance_by_augmentation`, which is done once, before.

    Of each batch the rows of ``stretch`` are given, drawn as if all were.

    The order and the changes depend on seed, epoch and batch only, so that a resumed run sees
    what an uninterrupted one would have seen. A last, smaller batch is left out.

    Raises:
        ConfigError: the recipe learns something extra that the data set does not have.
        DataError: classes are to be balanced and one of them has no face.
    """

    def __init__(
        self, faces: Faces, recipe: Recipe, epoch: int, stretch: slice = slice(None)
    ) -> None:
        super().__init__()
        if recipe.extra_weight and not faces.extra.shape[1]:
            message = f"{recipe.dataset} as read has nothing extra to learn; set extra_weight=0"
            raise ConfigError(message)
        self._faces = faces
        self._recipe = recipe
        self._epoch = epoch
        self._stretch = stretch
        self._order = _order(faces, recipe, epoch)
        classes = faces.targets.shape[1]
        smoothing = recipe.label_smoothing
        self._targets = faces.targets * np.float32(1 - smoothing) + np.float32(smoothing / classes)
        self._weights = (
            class_weights(faces.labels, classes)[faces.labels]
            if recipe.balance == "class-weights"
            else None
        )

    def __len__(self) -> int:
        return len(self._order) // self._recipe.batch_size

    def __getitem__(self, index: int) -> Batch:
        recipe = self._recipe
        rows = self._order[index * recipe.batch_size : (index + 1) * recipe.batch_size]
        rng = np.random.default_rng((recipe.seed, self._epoch, index))
        changes = draw_changes(len(rows), recipe.input_shape, recipe.augmentation, rng)
        images = resize_faces(self._faces.images[rows[self._stretch]], recipe.input_shape)
        whole = changes, *self._aims(rows, changes)
        changes, *aims = keras.tree.map_structure(lambda array: array[self._stretch], whole)
        return {"faces": images, **changes}, *aims

    def _aims(self, rows: Ints, changes: Changes) -> Batch:
        """Return the targets, and the weights of the faces if they have any."""
        heads = [self._targets[rows]]
        if self._recipe.extra_weight:
            heads.append(self._faces.extra[rows])
        if self._weights is None:
            return (_one_or_pair([mix_targets(head, changes) for head in heads]),)
        # The loss of a mixed face is the weighted sum of its parents' losses.
        weight = self._weights[rows, np.newaxis]
        mixed_weight = mix_targets(weight, changes)
        mixed = [mix_targets(head * weight, changes) / mixed_weight for head in heads]
        return _one_or_pair(mixed), mixed_weight[:, 0]


def resize_faces(images: Bytes, input_shape: tuple[int, int, int]) -> Bytes:
    """Return uint8 [N, H, W, C] of ``input_shape``; grey is repeated, colour is made grey."""
    height, width, channels = input_shape
    if images.shape[1:] == input_shape:
        return images
    resized = np.empty((len(images), *input_shape), np.uint8)
    # Averaging keeps a reduced face clean; for an enlarged one it would draw squares.
    how = cv2.INTER_AREA if images.shape[1] > height else cv2.INTER_LINEAR
    for index, image in enumerate(images):
        coloured = _with_channels(image, channels)
        face = cv2.resize(coloured, (width, height), interpolation=how)
        resized[index] = face.reshape(input_shape)
    return resized


def _with_channels(image: Bytes, channels: int) -> Bytes:
    if image.shape[2] == channels:
        return image
    if channels == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[..., np.newaxis]
    return np.repeat(image, channels, axis=2)


def _order(faces: Faces, recipe: Recipe, epoch: int) -> Ints:
    rng = np.random.default_rng((recipe.seed, epoch))
    if recipe.balance == "oversample":
        return oversampled_rows(faces.labels, faces.targets.shape[1], rng)
    return rng.permutation(len(faces))


def _one_or_pair(heads: list[Floats]) -> Floats | tuple[Floats, ...]:
    return tuple(heads) if len(heads) > 1 else heads[0]
