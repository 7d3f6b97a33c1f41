"""The layout of a PNG file, by its first chunk and its eXIf chunk."""

from mien_detector.images.layout import MAXIMUM_PARTS, Layout, MalformedError, unpack
from mien_detector.images.orientation import UPRIGHT, read_orientation

_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type and checksum around each chunk's data


def read_layout(data: bytes) -> Layout:
    """Return size and orientation; raise MalformedError where they cannot be found."""
    if data[12:16] != b"IHDR":
        message = "the first chunk is not IHDR"
        raise MalformedError(message)
    width, height = unpack(">II", data, 16)
    return Layout(width, height, _find_orientation(data))


def _find_orientation(data: bytes) -> int:
    position = _SIGNATURE_BYTES
    for _ in range(MAXIMUM_PARTS):
        kind = data[position + 4 : position + 8]
        if kind in (b"", b"IEND"):
            break
        (length,) = unpack(">I", data, position)
        if kind == b"eXIf":
            return read_orientation(data[position + 8 : position + 8 + length])
        position += _CHUNK_FRAME_BYTES + length
    return UPRIGHT
