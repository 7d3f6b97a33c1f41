"""The layout of a BMP file; the format knows no orientation but bottom-up, which decoders undo."""

from mien_detector.images.layout import Layout, MalformedError, unpack

_OLD_HEADER_BYTES = 12
_HEADER_BYTES = 40


def read_layout(data: bytes) -> Layout:
    """Return the size; raise MalformedError where it cannot be found."""
    (header_bytes,) = unpack("<I", data, 14)
    if header_bytes == _OLD_HEADER_BYTES:
        width, height = unpack("<HH", data, 18)
    elif header_bytes >= _HEADER_BYTES:
        width, height = unpack("<ii", data, 18)
    else:
        message = f"a header of {header_bytes} bytes is not known"
        raise MalformedError(message)
    # A negative height says that the rows run from top to bottom.
    return Layout(max(width, 0), abs(height))
