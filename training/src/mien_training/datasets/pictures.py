"""Picture files: which there are, what is known of each, and how one becomes an array."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from mien_training.datasets.faces import Bytes
from mien_training.errors import DataError

SIDE = 48
"""Pixels of a face's side where nothing else is asked for: that of FER2013."""

GREY, COLOUR = 1, 3

_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True)
class Listed:
    """A picture before it is read.

    Attributes:
        path: of the file.
        label: index of its class.
        person: number of who is shown; -1 where that is not known.
        part: of the split, where the data set itself decides it; None where it is drawn.
    """

    path: Path
    label: int
    person: int = -1
    part: int | None = None


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder; ``odd`` are those whose names tell no class."""

    pictures: list[Listed]
    odd: list[Path] = field(default_factory=list)


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures in ``folder`` and below, by path; whatever else lies there is ignored."""
    return sorted(path for path in folder.rglob("*") if path.suffix.casefold() in _SUFFIXES)


def pictures_of_class(folder: Path, label: str, remedy: str) -> list[Path]:
    """Return the pictures of one class.

    Raises:
        DataError: there are none.
    """
    paths = picture_files(folder)
    if not paths:
        message = f"{folder} holds no picture, so the class {label} is empty; {remedy}"
        raise DataError(message)
    return paths


def read_pictures(paths: Iterable[Path], side: int, channels: int, remedy: str) -> Bytes:
    """Return uint8 [N, side, side, channels]: the whole pictures, cut square and resized.

    Raises:
        DataError: a file is missing or no picture.
    """
    return np.stack([read_picture(path, side, channels, remedy) for path in paths])


def read_picture(path: Path, side: int, channels: int, remedy: str) -> Bytes:
    """Return uint8 [side, side, channels], grey or RGB, from the largest square in the middle.

    Raises:
        DataError: the file is missing or no picture.
    """
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as exc:
        message = f"cannot read {path}: {exc.strerror}; {remedy}"
        raise DataError(message) from exc
    how = cv2.IMREAD_GRAYSCALE if channels == GREY else cv2.IMREAD_COLOR_RGB
    picture = cv2.imdecode(encoded, how) if len(encoded) else None
    if picture is None:
        message = f"{path} is damaged or no picture: fetch it again or remove it; {remedy}"
        raise DataError(message)
    return _fit(np.asarray(picture, np.uint8), side).reshape(side, side, channels)


def _fit(picture: Bytes, side: int) -> Bytes:
    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = picture[top : top + edge, left : left + edge]
    if edge == side:
        return square
    # Averaging areas lets no detail turn into noise; enlarging has none to average.
    how = cv2.INTER_AREA if edge > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (side, side), interpolation=how), np.uint8)
