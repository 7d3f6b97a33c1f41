"""Frames for measuring: a camera's 640 x 360, with a known number of faces."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image

from mien_stack.sample_photo import sample_photo

WIDTH, HEIGHT = 640, 360
JPEG_QUALITY = 88
# So little changes no detection, but every byte of a crop may.
_NOISE = 3


def frames(faces: int, number: int, seed: int) -> Iterator[bytes]:
    """Yield different frames of the sample photo's face, so that no cache knows any of them."""
    base = np.asarray(_composed(faces), dtype=np.int16)
    random = np.random.default_rng(seed)
    for _ in range(number):
        noise = random.integers(-_NOISE, _NOISE + 1, base.shape, dtype=np.int16)
        yield _jpeg(Image.fromarray((base + noise).clip(0, 255).astype(np.uint8)))


def same_faces(frame: bytes, number: int) -> Iterator[bytes]:
    """Yield a frame under ever other bytes: what follows a JPEG's end is not looked at."""
    for index in range(number):
        yield frame + index.to_bytes(8, "big")


def _composed(faces: int) -> Image.Image:
    """One face in the middle, or a face in each of the cells of a row."""
    with Image.open(BytesIO(sample_photo())) as opened:
        photo = opened.convert("RGB")
    canvas = Image.new("RGB", (WIDTH, HEIGHT), (96, 96, 96))
    side = min(HEIGHT, WIDTH // max(faces, 1))
    tile = photo.resize((side, side), Image.Resampling.LANCZOS)
    margin = (WIDTH - side * faces) // 2
    for index in range(faces):
        canvas.paste(tile, (margin + index * side, (HEIGHT - side) // 2))
    return canvas


def _jpeg(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()
