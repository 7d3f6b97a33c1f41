"""Spoils files as disks, networks and strangers do: cut short, bits turned, bytes moved."""

import io
from collections.abc import Iterator
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from tests.fakes import pictures

_WIDTH, _HEIGHT = 96, 64
# What decoders read as lengths, sizes and counts.
_TELLING = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)


def originals() -> dict[str, bytes]:
    """Return a good file for every way that a decoder can take."""
    pixels = _drawn()
    return {
        "jpeg": pictures.encode(pixels, "JPEG"),
        "jpeg grey": pictures.encode(pixels, "JPEG", mode="L"),
        "jpeg cmyk": pictures.encode(pixels, "JPEG", mode="CMYK"),
        "jpeg rotated": pictures.encode(pixels, "JPEG", orientation=6),
        "jpeg progressive": pictures.progressive(pixels),
        "png": pictures.encode(pixels, "PNG"),
        "png grey": pictures.encode(pixels, "PNG", mode="L"),
        "png palette": pictures.encode(pixels, "PNG", mode="P"),
        "png alpha": pictures.encode(pixels, "PNG", mode="RGBA"),
        "png rotated": pictures.encode(pixels, "PNG", orientation=8),
        "png 16 bit": _sixteen_bit(pixels),
        "png interlaced": pictures.interlaced_png(pixels),
        "webp": pictures.encode(pixels, "WEBP"),
        "webp rotated": pictures.encode(pixels, "WEBP", orientation=3),
        "webp alpha": pictures.encode(pixels, "WEBP", mode="RGBA"),
        "webp lossless": pictures.lossless_webp(pixels),
        "webp animated": _animated(pixels),
        "bmp": pictures.encode(pixels, "BMP"),
        "bmp palette": pictures.encode(pixels, "BMP", mode="P"),
    }


def truncated(data: bytes) -> Iterator[bytes]:
    """Yield the file cut off at every tenth, and in its first and last bytes."""
    for tenths in range(10):
        yield data[: len(data) * tenths // 10]
    for count in (1, 2, 3, 8, 12, 20, 30, len(data) - 2, len(data) - 1):
        yield data[:count]


def mutated(data: bytes, random: Random) -> bytes:
    """Return the file with one to eight faults, more of them in its first bytes."""
    spoilt = bytearray(data)
    for _ in range(random.randint(1, 8)):
        head = random.random() < 0.5
        place = random.randrange(min(len(spoilt), 64) if head else len(spoilt))
        _spoil(spoilt, place, random)
    return bytes(spoilt)


def _spoil(spoilt: bytearray, place: int, random: Random) -> None:
    length = random.randint(1, 16)
    match random.randrange(5):
        case 0:
            spoilt[place] ^= 1 << random.randrange(8)
        case 1:
            spoilt[place] = random.choice(_TELLING)
        case 2:
            spoilt[place : place + 4] = random.randbytes(4)
        case 3 if len(spoilt) > 2 * length:
            del spoilt[place : place + length]
        case _:
            spoilt[place:place] = spoilt[place : place + length]


def _drawn() -> npt.NDArray[np.uint8]:
    pixels = pictures.gradient(_WIDTH, _HEIGHT)
    cv2.circle(pixels, (_WIDTH // 2, _HEIGHT // 2), _HEIGHT // 3, (250, 220, 190), -1)
    return pixels


def _sixteen_bit(pixels: npt.NDArray[np.uint8]) -> bytes:
    done, encoded = cv2.imencode(".png", pixels.astype(np.uint16) * 257)
    assert done
    return bytes(encoded.tobytes())


def _animated(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    frames = [Pillow.fromarray(np.roll(pixels, shift, axis=1)) for shift in (0, 8)]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()
