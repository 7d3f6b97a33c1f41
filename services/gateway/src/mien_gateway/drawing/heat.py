"""Lays a heat map over a face."""

from collections.abc import Sequence

from PIL import Image

from mien_gateway.domain import Box
from mien_gateway.drawing.pictures import PictureFormat, encode, open_upright

_SHARE = 0.4
# Points of matplotlib's viridis: even in brightness, so that it reads in grey as well.
_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def heat_overlay(picture: bytes, heat: Sequence[Sequence[float]], box: Box | None = None) -> bytes:
    """Return the picture, or the region `box` of it, under 40 % of the heat's colours, as PNG.

    `heat` has rows of values from 0 to 1 and is stretched over the region. Raises
    TooManyPixelsError or UnreadableImageError.
    """
    image, scale = open_upright(picture)
    if box:
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        left, top, right, bottom = (round(edge * scale) for edge in edges)
        image = image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    levels = bytes(round(min(max(value, 0.0), 1.0) * 255) for row in heat for value in row)
    grey = Image.frombytes("L", (len(heat[0]), len(heat)), levels)
    coloured = grey.resize(image.size, Image.Resampling.BICUBIC)
    coloured.putpalette(_palette())
    return encode(Image.blend(image, coloured.convert("RGB"), _SHARE), PictureFormat.PNG)


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
