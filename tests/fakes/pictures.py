"""Draws and encodes pictures, good and bad; nothing is read from disk but the sample photo."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

SAMPLE = Path(__file__).parents[2] / "stack/src/mien_stack/sample/astronaut.jpg"
"""A portrait; its one face lies around x 180 to 270, y 60 to 180."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")

_ORIENTATION_TAG = 0x0112


def gradient(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Return RGB pixels that differ in every corner and compress well in every format."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, axis=0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, axis=1)
    return np.stack([x, y, 255 - x], axis=2).astype(np.uint8)


def encode(
    pixels: npt.NDArray[np.uint8], kind: str, *, mode: str = "RGB", orientation: int = 1
) -> bytes:
    """Return RGB pixels as a file of the kind, with an EXIF orientation where it is not 1."""
    options: dict[str, object] = {}
    if orientation != 1:
        exif = Pillow.Exif()
        exif[_ORIENTATION_TAG] = orientation
        options["exif"] = exif
    if kind in ("JPEG", "WEBP"):
        options["quality"] = 95
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def progressive(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a JPEG of several scans."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", progressive=True)
    return buffer.getvalue()


def grey16(width: int, height: int) -> bytes:
    """Return a PNG of 16-bit grey."""
    values = np.linspace(0, 65535, width * height).astype(np.uint16).reshape(height, width)
    buffer = io.BytesIO()
    Pillow.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk with its length and checksum."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_claiming(width: int, height: int) -> bytes:
    """Return the start of a PNG whose header claims so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)


def interlaced_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return RGB pixels as a PNG whose rows come in Adam7's seven passes."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in [*passes, (1, 0, 2, 1)]
        for row in pixels[top::down, left::across]
        if row.size
    )
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def jpeg_claiming(width: int, height: int) -> bytes:
    """Return the start of a JPEG whose frame claims so many pixels."""
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes([1, 17, 0, 2, 17, 0, 3, 17, 0])
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xda\x00\x02"


def webp_claiming(width: int, height: int) -> bytes:
    """Return the start of an extended WebP whose canvas claims so many pixels."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + canvas
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def bmp_claiming(width: int, height: int) -> bytes:
    """Return the headers of a BMP that claim so many pixels."""
    return b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)


def lossless_webp(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a WebP that keeps every pixel."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()
