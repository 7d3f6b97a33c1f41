"""The layout of a WebP file, by its first chunk and its EXIF chunk."""

from mien_detector.images.layout import (
    MAXIMUM_PARTS,
    UPRIGHT,
    Layout,
    MalformedError,
    read_orientation,
    unpack,
)

_FIRST_CHUNK = 12
_CHUNK_HEADER_BYTES = 8
_FIRST_PAYLOAD = _FIRST_CHUNK + _CHUNK_HEADER_BYTES
_SIDE_MASK = 0x3FFF
_EXIF_PREFIX = b"Exif\x00\x00"  # some writers keep JPEG's prefix


def read_layout(data: bytes) -> Layout:
    """Return size and orientation; raise MalformedError where they cannot be found."""
    kind = data[_FIRST_CHUNK : _FIRST_CHUNK + 4]
    if kind == b"VP8 ":
        return _read_lossy(data)
    if kind == b"VP8L":
        return _read_lossless(data)
    if kind == b"VP8X":
        return _read_extended(data)
    message = "the first chunk is not a picture"
    raise MalformedError(message)


def _read_lossy(data: bytes) -> Layout:
    if data[_FIRST_PAYLOAD + 3 : _FIRST_PAYLOAD + 6] != b"\x9d\x01\x2a":
        message = "the key frame has no start code"
        raise MalformedError(message)
    width, height = unpack("<HH", data, _FIRST_PAYLOAD + 6)
    return Layout(width & _SIDE_MASK, height & _SIDE_MASK)


def _read_lossless(data: bytes) -> Layout:
    (signature,) = unpack("<B", data, _FIRST_PAYLOAD)
    (bits,) = unpack("<I", data, _FIRST_PAYLOAD + 1)
    if signature != 0x2F:  # noqa: PLR2004 - the signature byte of the format's definition
        message = "the lossless signature is missing"
        raise MalformedError(message)
    return Layout((bits & _SIDE_MASK) + 1, (bits >> 14 & _SIDE_MASK) + 1)


def _read_extended(data: bytes) -> Layout:
    low_width, high_width, low_height, high_height = unpack("<HBHB", data, _FIRST_PAYLOAD + 4)
    width = (high_width << 16 | low_width) + 1
    height = (high_height << 16 | low_height) + 1
    return Layout(width, height, _find_orientation(data))


def _find_orientation(data: bytes) -> int:
    position = _FIRST_CHUNK
    for _ in range(MAXIMUM_PARTS):
        kind = data[position : position + 4]
        if not kind:
            break
        (length,) = unpack("<I", data, position + 4)
        if kind == b"EXIF":
            start = position + _CHUNK_HEADER_BYTES
            return read_orientation(data[start : start + length].removeprefix(_EXIF_PREFIX))
        position += _CHUNK_HEADER_BYTES + length + length % 2
    return UPRIGHT
