"""Reads format, size and orientation of a picture without decoding a pixel.

Decoders allocate what a header claims: a file of a few bytes can claim gigabytes. So the
claim is read here first, from the few bytes that hold it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mien_detector.errors import (
    EmptyImageError,
    TooManyBytesError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedFormatError,
)
from mien_detector.images import bmp, jpeg, png, webp
from mien_detector.images.layout import Layout, MalformedError, upright_size
from mien_detector.types import ImageLimits, Size


class ImageFormat(StrEnum):
    """The formats that are read."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    BMP = "BMP"


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a picture claims.

    Attributes:
        format: by the first bytes, whatever a caller says.
        stored: the size before the orientation is applied.
        orientation: 1 to 8, as EXIF counts.
    """

    format: ImageFormat
    stored: Size
    orientation: int

    @property
    def size(self) -> Size:
        """The size of the upright picture."""
        return upright_size(self.stored, self.orientation)


_READERS: dict[ImageFormat, Callable[[bytes], Layout]] = {
    ImageFormat.JPEG: jpeg.read_layout,
    ImageFormat.PNG: png.read_layout,
    ImageFormat.WEBP: webp.read_layout,
    ImageFormat.BMP: bmp.read_layout,
}


def read_header(data: bytes, limits: ImageLimits) -> Header:
    """Return the header of a picture that is within the limits.

    Raises:
        ImageError: the picture is empty, too large, of another format, or its header is
            cut short or corrupt.
    """
    _check_bytes(data, limits)
    kind = _sniff(data)
    try:
        layout = _READERS[kind](data)
    except MalformedError as error:
        message = f"the {kind} header is truncated or corrupt: {error}"
        raise UnreadableImageError(message) from error
    _check_pixels(kind, layout, limits)
    return Header(kind, Size(layout.width, layout.height), layout.orientation)


def _check_bytes(data: bytes, limits: ImageLimits) -> None:
    if not data:
        message = "the picture is empty: send the bytes of a JPEG, PNG, WebP or BMP file"
        raise EmptyImageError(message)
    if len(data) > limits.max_bytes:
        message = f"the picture has {len(data)} bytes, at most {limits.max_bytes} are accepted"
        raise TooManyBytesError(message)


def _sniff(data: bytes) -> ImageFormat:
    if data.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if data.startswith(b"BM"):
        return ImageFormat.BMP
    message = "the first bytes are not those of a JPEG, PNG, WebP or BMP file"
    raise UnsupportedFormatError(message)


def _check_pixels(kind: ImageFormat, layout: Layout, limits: ImageLimits) -> None:
    pixels = layout.width * layout.height
    if pixels <= 0:
        message = f"the {kind} header claims {layout.width} x {layout.height} pixels"
        raise UnreadableImageError(message)
    if pixels > limits.max_pixels:
        message = (
            f"the picture has {layout.width} x {layout.height} pixels, at most "
            f"{limits.max_pixels} in all are accepted: send it smaller"
        )
        raise TooManyPixelsError(message)
