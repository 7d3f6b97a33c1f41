"""Lays a heat map over a face."""

from collections.abc import Sequence

from PIL import Image

from mien_gateway.drawing.pictures import PictureFormat, encode
from mien_models.registry import InputShape

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
