"""What can be said about a picture without decoding a pixel."""

from mien_gateway.errors import (
    EmptyImageError,
    ImageTooLargeError,
    UnsupportedMediaTypeError,
)

_PREFIXES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM")


def check_image(image: bytes, max_bytes: int) -> None:
    """Raise the fitting CallerError unless the bytes may be a picture within the limit."""
    if not image:
        raise EmptyImageError
    if len(image) > max_bytes:
        raise ImageTooLargeError(max_bytes)
    if not (image.startswith(_PREFIXES) or _is_webp(image)):
        raise UnsupportedMediaTypeError


def _is_webp(image: bytes) -> bool:
    return image[:4] == b"RIFF" and image[8:12] == b"WEBP"
