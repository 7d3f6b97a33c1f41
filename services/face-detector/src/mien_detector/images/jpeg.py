"""The layout of a JPEG file, by walking its segments up to the first scan."""

from mien_detector.images.layout import (
    MAXIMUM_PARTS,
    UPRIGHT,
    Layout,
    MalformedError,
    read_orientation,
    unpack,
)

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_APP1 = 0xE1
_EXIF = b"Exif\x00\x00"
# 0xC0 to 0xCF start a frame, but for the tables C4 and CC and the reserved C8.
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})

# A progressive picture has about ten scans. Each costs a pass over all its blocks, however
# few bytes it has: up to 35 ms for 40 megapixels, and a decoder cannot be stopped.
_MAXIMUM_SCANS = 30


def read_layout(data: bytes) -> Layout:
    """Return size and orientation; raise MalformedError where they cannot be found."""
    if data.count(bytes((_MARKER, _START_OF_SCAN))) > _MAXIMUM_SCANS:
        message = f"it has more than {_MAXIMUM_SCANS} scans"
        raise MalformedError(message)
    size: tuple[int, int] | None = None
    orientation = UPRIGHT
    position = 2
    for _ in range(MAXIMUM_PARTS):
        marker, position = _next_marker(data, position)
        if marker in _WITHOUT_LENGTH:
            continue
        if marker in (_START_OF_SCAN, _END_OF_IMAGE):
            break
        (length,) = unpack(">H", data, position)
        if marker in _START_OF_FRAME and size is None:
            height, width = unpack(">HH", data, position + 3)
            size = (width, height)
        elif marker == _APP1 and data.startswith(_EXIF, position + 2):
            orientation = read_orientation(data[position + 2 + len(_EXIF) : position + length])
        position += length
    if size is None:
        message = "no frame is described before the first scan"
        raise MalformedError(message)
    return Layout(*size, orientation)


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    first, second = unpack(">BB", data, position)
    if first != _MARKER:
        message = f"no marker at byte {position}"
        raise MalformedError(message)
    if second == _MARKER:  # any number of fill bytes may stand before a marker
        end = len(data) - len(data[position:].lstrip(b"\xff"))
        (second,) = unpack(">B", data, end)
        return second, end + 1
    return second, position + 2
