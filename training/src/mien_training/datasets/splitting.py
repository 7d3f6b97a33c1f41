"""The split of a data set that comes without one, before anything is done to its pictures."""

from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from mien_training.datasets.faces import Bytes, Faces, Parts, labelled
from mien_training.datasets.fingerprints import mirror_fingerprint
from mien_training.datasets.pictures import Listed
from mien_training.errors import DataError

TRAINING, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class Shares:
    """What part of a class goes where; the rest trains."""

    validation: float
    test: float


def assign_parts(listed: list[Listed], images: Bytes, shares: Shares, classes: int) -> Bytes:
    """Return uint8 [N], the part of each picture: its own where it has one, else drawn."""
    parts = np.array([TRAINING if p.part is None else p.part for p in listed], np.uint8)
    free = np.flatnonzero([picture.part is None for picture in listed])
    numbers = np.array([picture.label for picture in listed], np.uint8)
    if len(free):
        parts[free] = draw_parts(images[free], numbers[free], shares, classes)
    return parts


def draw_parts(images: Bytes, labels: Bytes, shares: Shares, classes: int) -> Bytes:
    """Return uint8 [N]: a fixed split in which every class has the same shares.

    The order is that of the pictures' digests, so neither file names nor their order matter, and
    a few pictures more or less move few others. Pictures that are equal, or equal when mirrored,
    always come into one part; they go by the label of the first. A class of few pictures fills
    the test first, then the validation.
    """
    rows: dict[bytes, list[int]] = defaultdict(list)
    for row, image in enumerate(images):
        rows[mirror_fingerprint(image)].append(row)
    parts = np.full(len(labels), TRAINING, np.uint8)
    for number in range(classes):
        prints = sorted((p for p in rows if labels[rows[p][0]] == number), key=_shuffled)
        for part, chosen in _cut(prints, shares).items():
            parts[[row for key in chosen for row in rows[key]]] = part
    return parts


def _shuffled(key: bytes) -> bytes:
    # The smaller of two digests, as a mirror fingerprint is, tells a little of the picture.
    return blake2b(key, digest_size=16).digest()


def _cut(prints: list[bytes], shares: Shares) -> dict[int, list[bytes]]:
    test, validation = (
        max(round(share * len(prints)), 1) if share else 0
        for share in (shares.test, shares.validation)
    )
    return {TEST: prints[:test], VALIDATION: prints[test : test + validation]}


def divide(faces: Faces, parts: Bytes, labels: tuple[str, ...]) -> Parts:
    """Return the parts of ``faces``; there is no test where no face is for it."""
    training, validation, test = (faces.take(parts == part) for part in (0, 1, 2))
    return Parts(labels, training, validation, test if len(test) else None)


def divide_pictures(
    listed: list[Listed], images: Bytes, shares: Shares, labels: tuple[str, ...]
) -> Parts:
    """Return the parts of pictures [N, H, W, C] that were listed in the same order."""
    numbers = np.array([picture.label for picture in listed], np.uint8)
    people = np.array([picture.person for picture in listed], np.int64)
    faces = labelled(images, numbers, len(labels), people)
    return divide(faces, assign_parts(listed, images, shares, len(labels)), labels)


def require_every_class(parts: Parts, where: object, remedy: str) -> Parts:
    """Return ``parts`` whose training and validation have a face of every class.

    Raises:
        DataError: a class is empty.
    """
    for name, faces in (("training", parts.training), ("validation", parts.validation)):
        counts = np.bincount(faces.labels, minlength=len(parts.labels))
        empty = [parts.labels[number] for number in np.flatnonzero(counts == 0)]
        if empty:
            message = f"{where} has no face for {name} of the class {', '.join(empty)}; {remedy}"
            raise DataError(message)
    return parts
