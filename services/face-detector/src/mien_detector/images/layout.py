"""What a picture's header tells: format, size, orientation."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from mien_detector.types import Image, Size

UPRIGHT: Final = 1

_ORIENTATION_TAG = 0x0112
_SHORT = 3
_ENTRY_BYTES = 12
_SWAPS_SIDES = frozenset({5, 6, 7, 8})

_TURNS: dict[int, Callable[[Image], Image]] = {
    2: lambda image: np.asarray(cv2.flip(image, 1), np.uint8),
    3: lambda image: np.asarray(cv2.rotate(image, cv2.ROTATE_180), np.uint8),
    4: lambda image: np.asarray(cv2.flip(image, 0), np.uint8),
    5: lambda image: np.asarray(cv2.transpose(image), np.uint8),
    6: lambda image: np.asarray(cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), np.uint8),
    7: lambda image: np.asarray(cv2.rotate(cv2.transpose(image), cv2.ROTATE_180), np.uint8),
    8: lambda image: np.asarray(cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8),
}


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, of a TIFF-structured EXIF block.

    A block that is cut short or makes no sense says nothing: the picture counts as upright.
    """
    try:
        return _read_first_directory(exif)
    except struct.error:
        return UPRIGHT


def turn_upright(image: Image, orientation: int) -> Image:
    """Return the picture as its maker saw it."""
    turn = _TURNS.get(orientation)
    return image if turn is None else turn(image)


def upright_size(size: Size, orientation: int) -> Size:
    """Return the size that `turn_upright` gives."""
    return Size(size.height, size.width) if orientation in _SWAPS_SIDES else size


def _read_first_directory(exif: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return UPRIGHT
    (start,) = struct.unpack_from(order + "I", exif, 4)
    (count,) = struct.unpack_from(order + "H", exif, start)
    for index in range(count):
        tag, kind, number, value = struct.unpack_from(
            order + "HHIH", exif, start + 2 + index * _ENTRY_BYTES
        )
        if tag == _ORIENTATION_TAG:
            known = kind == _SHORT and number == 1 and value in _TURNS
            return int(value) if known else UPRIGHT
    return UPRIGHT


MAXIMUM_PARTS: Final = 4096
"""Parts of a file that are looked at; a 10 MB JPEG of full segments has 160. Without an
end, ten megabytes of empty segments would keep the interpreter busy for a second."""


class MalformedError(Exception):
    """The bytes are not laid out as the format demands."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Stored width and height in pixels, and the EXIF orientation."""

    width: int
    height: int
    orientation: int = UPRIGHT


def unpack(pattern: str, data: bytes, offset: int) -> tuple[int, ...]:
    """Return the integers at the offset.

    Raises:
        MalformedError: the data ends before them.
    """
    try:
        return struct.unpack_from(pattern, data, offset)
    except struct.error as error:
        message = f"it ends at byte {len(data)}"
        raise MalformedError(message) from error
