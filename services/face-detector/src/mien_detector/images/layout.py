"""What every format's header reader gives, and the careful reading they share."""

import struct
from dataclasses import dataclass
from typing import Final

from mien_detector.images.orientation import UPRIGHT

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
