"""Decodes and encodes the pictures that are drawn on, and overlays of heat maps."""

import io
import warnings
from collections.abc import Sequence
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

from mien_gateway.errors import TooManyPixelsError, UnreadableImageError
from mien_models.registry import InputShape

MAX_PIXELS = 40_000_000
"""As in the face detector: what it refuses is not drawn on either."""
LONGEST_SIDE = 2560
SHORTEST_LONGEST_SIDE = 480
"""A smaller picture is enlarged to it, since letters need their pixels."""

_QUALITY = 90

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Pillow only warns of the first excess. The filter stands once for all threads: changing
# it for a while, as `catch_warnings` does, is not safe between them.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PictureFormat(StrEnum):
    """What a drawn picture is written as."""

    JPEG = "jpeg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """As Content-Type names it."""
        return f"image/{self.value}"


def open_upright(picture: bytes) -> tuple[Image.Image, float]:
    """Return the picture as RGB, its EXIF orientation applied, and by how much it was scaled.

    Raises TooManyPixelsError or UnreadableImageError.
    """
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            width, height = opened.size
            # A JPEG is decoded at a half or a quarter where that is still enough.
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image = ImageOps.exif_transpose(_flat(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixelsError from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableImageError from error
    scale = _scale(max(width, height))
    longest = max(1, round(max(width, height) * scale))
    shrink = longest / max(image.size)
    size = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
    return (image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)), scale


def encode(image: Image.Image, picture_format: PictureFormat) -> bytes:
    """Return the file's bytes."""
    written = io.BytesIO()
    if picture_format is PictureFormat.JPEG:
        image.save(written, "JPEG", quality=_QUALITY)
    else:
        image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _scale(longest_side: int) -> float:
    if longest_side > LONGEST_SIDE:
        return LONGEST_SIDE / longest_side
    return max(1.0, SHORTEST_LONGEST_SIDE / longest_side)


def _flat(image: Image.Image) -> Image.Image:
    """Return it as RGB, what is transparent over white, its EXIF data kept."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        flat = image.convert("RGB")
    else:
        layer = image.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    flat.info["exif"] = image.getexif().tobytes()
    return flat


_SHARE = 0.4
# A crop as the model takes it is too small to look at.
_SHORTEST_SIDE = 192
# Points of matplotlib's viridis: even in brightness, so that it reads in grey as well.
_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def heat_overlay(region: Image.Image, heat: Sequence[Sequence[float]]) -> bytes:
    """Return a picture, or a region of one, under 40 % of the heat's colours, as PNG.

    `heat` has rows of values from 0 to 1 and is stretched over the region.
    """
    levels = bytes(round(min(max(value, 0.0), 1.0) * 255) for row in heat for value in row)
    grey = Image.frombytes("L", (len(heat[0]), len(heat)), levels)
    coloured = grey.resize(region.size, Image.Resampling.BICUBIC)
    coloured.putpalette(_palette())
    blended = Image.blend(region.convert("RGB"), coloured.convert("RGB"), _SHARE)
    return encode(blended, PictureFormat.PNG)


def crop_overlay(crop: bytes, shape: InputShape, heat: Sequence[float]) -> bytes:
    """Return a face's crop, as the model takes it, under its heat; both row by row."""
    size = (shape.width, shape.height)
    mode = "L" if shape.channels == 1 else "RGB"
    face = Image.frombytes(mode, size, crop).convert("RGB")
    factor = max(1, -(-_SHORTEST_SIDE // min(size)))
    enlarged = face.resize((size[0] * factor, size[1] * factor), Image.Resampling.BICUBIC)
    rows = [heat[start : start + shape.width] for start in range(0, len(heat), shape.width)]
    return heat_overlay(enlarged, rows)


def _palette() -> bytes:
    steps = len(_VIRIDIS) - 1
    colours = bytearray()
    for level in range(256):
        place = level / 255 * steps
        below = min(int(place), steps - 1)
        share = place - below
        colours += bytes(
            round(low + share * (high - low))
            for low, high in zip(_VIRIDIS[below], _VIRIDIS[below + 1], strict=True)
        )
    return bytes(colours)
