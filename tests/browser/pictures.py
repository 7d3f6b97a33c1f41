"""Pictures to be chosen on the page, made of the sample photo."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from mien_stack.sample_photo import sample_photo

HEAD = (140, 20, 320, 220)
"""Where the face is in the sample photo, with the hair."""
LARGE_BYTES = 20_000_000
ORIENTATION = 0x0112
TURNED_RIGHT = 6


def photo() -> Image.Image:
    """The sample photo."""
    return Image.open(io.BytesIO(sample_photo())).convert("RGB")


def head() -> Image.Image:
    """Its face and hair alone."""
    return photo().crop(HEAD)


def new_photo(path: Path, seed: int) -> Path:
    """Write the photo with noise that no other seed has: no cache knows it."""
    path.write_bytes(_jpeg(_noisy(photo(), seed, strength=3)))
    return path


def many_faces(path: Path) -> Path:
    """Write five faces: four at the edges, one of them small, and a blurred one."""
    picture = Image.new("RGB", (900, 600), (90, 120, 140))
    face = head()
    picture.paste(face.crop((0, 30, 180, 200)), (0, -10))
    picture.paste(face, (740, -20))
    picture.paste(face, (0, 430))
    picture.paste(face.resize((60, 66)), (840, 530))
    picture.paste(face.filter(ImageFilter.GaussianBlur(4)), (380, 200))
    picture.save(path)
    return path


def no_face(path: Path) -> Path:
    """Write a picture without anybody."""
    Image.effect_mandelbrot((800, 500), (-2, -1.2, 0.8, 1.2), 60).convert("RGB").save(path)
    return path


def telephone_photo(path: Path) -> Path:
    """Write a photo that lies on its side, and whose EXIF data say so."""
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    upright = photo().crop((60, 0, 460, 512))
    upright.rotate(90, expand=True).save(path, exif=exif, quality=92)
    return path


def large_photo(path: Path) -> Path:
    """Write a photo of more than 20 MB, which the gateway does not take."""
    enlarged = photo().resize((5200, 5200), Image.Resampling.BICUBIC)
    picture = _jpeg(_noisy(enlarged, 0, strength=30), quality=98)
    assert len(picture) > LARGE_BYTES
    path.write_bytes(picture)
    return path


def _noisy(picture: Image.Image, seed: int, strength: int) -> Image.Image:
    pixels = np.asarray(picture).astype(np.int16)
    noise = np.random.default_rng(seed).integers(
        -strength, strength, pixels.shape, dtype=np.int16, endpoint=True
    )
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))


def _jpeg(picture: Image.Image, quality: int = 92) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()
