"""Sizes and colours: everything grows with the picture."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from PIL import ImageFont

Colour = tuple[int, int, int]

TEXT: Colour = (255, 255, 255)
BACKGROUND: Colour = (16, 18, 24)
BACKGROUND_SHARE = 0.7
"""How much of the background colour covers the picture behind words and bars."""

# Distinguishable with the common colour-vision deficiencies (Okabe and Ito); black and
# white serve other ends here. A face keeps its colour through a video by its track.
_COLOURS: tuple[Colour, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (0, 114, 178),
)


@dataclass(frozen=True, slots=True)
class Style:
    """What fits a picture of some size."""

    line: int
    caption: int
    small: int
    gap: int

    @classmethod
    def of(cls, width: int, height: int) -> "Style":
        """Return the style for a picture of so many pixels."""
        side = min(width, height)
        return cls(
            line=max(2, side // 220),
            caption=max(13, side // 26),
            small=max(11, side // 42),
            gap=max(3, side // 150),
        )


def colour_of(number: int) -> Colour:
    """Return a face's colour."""
    return _COLOURS[number % len(_COLOURS)]


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font that ships with Pillow."""
    return cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))


@dataclass(frozen=True, slots=True)
class Line:
    """How much room a line of text takes; lines of one size stand equally high."""

    width: int
    above: int
    """From the top to the line that letters stand on."""
    height: int


@lru_cache(maxsize=4096)
def line_of(text: str, size: int) -> Line:
    """Measure a line."""
    face = font(size)
    _, top, _, bottom = face.getbbox("Ag#%", anchor="ls")
    return Line(math.ceil(face.getlength(text)), math.ceil(-top), math.ceil(bottom - top))
