"""Classes of unequal size: weights, repeated faces, or changed copies."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, cycle

import cv2
import numpy as np
import numpy.typing as npt

from mien_training.augmentation.changes import matrices
from mien_training.datasets.faces import Bytes, Faces, Ints
from mien_training.errors import DataError

Floats = npt.NDArray[np.float32]
Kinds = tuple[str, ...]

_KINDS = ("mirror", "rotation", "zoom", "brightness")
_DEGREES = 10.0
_ZOOM = 0.1
_BRIGHTNESS = 25.0  # grey levels, a tenth of white


def class_weights(labels: Bytes, classes: int) -> Floats:
    """Return [k]: n / (k * n_j), so that every class weighs the same and a face 1 on average.

    Raises:
        DataError: a class has no face.
    """
    sizes = _class_sizes(labels, classes)
    return (len(labels) / (classes * sizes)).astype(np.float32)


def oversampled_rows(labels: Bytes, classes: int, rng: np.random.Generator) -> Ints:
    """Return rows, shuffled, in which every class comes as often as the largest one does.

    Each face of a class comes equally often, but for the remainder, which is drawn.

    Raises:
        DataError: a class has no face.
    """
    largest = int(_class_sizes(labels, classes).max())
    rows = [_repeated(np.flatnonzero(labels == k), largest, rng) for k in range(classes)]
    return rng.permutation(np.concatenate(rows))


def balance_by_augmentation(faces: Faces, seed: int) -> Faces:
    """Return the faces followed by changed copies that make all classes as large as the largest.

    The copies are mirrored, then turned by 10 degrees, then enlarged, then brightened, one round
    through the class after another; further rounds combine two, three and all four, and then do
    the same the other way: turned back, made smaller, darkened. A class that is more than thirty
    times too small begins again from the first. Give it the training part only, after the split.

    Raises:
        DataError: a class has no face.
    """
    sizes = _class_sizes(faces.labels, faces.targets.shape[1])
    rng = np.random.default_rng(seed)
    parts = [faces]
    for label, size in enumerate(sizes):
        missing = int(sizes.max() - size)
        own = rng.permutation(np.flatnonzero(faces.labels == label))
        for kinds, direction in _rounds():
            if missing <= 0:
                break
            copies = faces.take(own[:missing])
            images = _changed(copies.images, kinds, direction)
            parts.append(replace(copies, images=images))
            missing -= len(copies)
    return _joined(parts)


def _class_sizes(labels: Bytes, classes: int) -> Ints:
    sizes = np.bincount(labels, minlength=classes)
    if not sizes.all():
        empty = int(np.flatnonzero(sizes == 0)[0])
        message = (
            f"class {empty} (counted from 0) has no face in the training part; "
            "add faces of it, or set balance to none"
        )
        raise DataError(message)
    return sizes


def _repeated(rows: Ints, times: int, rng: np.random.Generator) -> Ints:
    whole, rest = divmod(times, len(rows))
    return np.concatenate([np.tile(rows, whole), rng.permutation(rows)[:rest]])


def _rounds() -> Iterator[tuple[Kinds, int]]:
    """Yield the kinds of change and the direction of each round, without end."""
    subsets = [kinds for count in range(1, 5) for kinds in combinations(_KINDS, count)]
    forth = [(kinds, 1) for kinds in subsets]
    # A mirror has no other direction.
    back = [(kinds, -1) for kinds in subsets if kinds != ("mirror",)]
    return cycle(forth + back)


def _changed(images: Bytes, kinds: Kinds, direction: int) -> Bytes:
    height, width = images.shape[1:3]
    one = np.ones(1)
    back = matrices(
        (height, width),
        mirrored=one * ("mirror" in kinds) > 0,
        degrees=one * _DEGREES * direction * ("rotation" in kinds),
        zoom=1 + one * _ZOOM * direction * ("zoom" in kinds),
        shear=0 * one,
        shift=np.zeros((1, 2)),
    )[0]
    middle = np.array([width - 1, height - 1]) / 2
    back[:, 2] += middle - back[:, :2] @ middle  # places counted from the corner, as OpenCV does
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = np.stack(
        [
            cv2.warpAffine(image, back, (width, height), None, flags, cv2.BORDER_REFLECT_101)
            for image in images
        ]
    ).reshape(images.shape)
    brighter = moved + _BRIGHTNESS * direction * ("brightness" in kinds)
    return np.clip(np.rint(brighter), 0, 255).astype(np.uint8)


def _joined(parts: list[Faces]) -> Faces:
    people = [part.people for part in parts if part.people is not None]
    return Faces(
        images=np.concatenate([part.images for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
        extra=np.concatenate([part.extra for part in parts]),
        people=np.concatenate(people) if people else None,
    )
