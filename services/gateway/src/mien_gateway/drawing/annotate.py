"""Boxes, labels and bars on a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from PIL import Image, ImageDraw, ImageFont

from mien_gateway.domain import Box, Face
from mien_gateway.drawing.images import PictureFormat, encode, open_upright


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFace:
    """A face with the words and numbers to draw.

    Attributes:
        label: a model's label, or a word such as `uncertain`.
        bars: every label with its probability, in the order to draw them.
        track: the face's number in a video; None in a single picture.
    """

    box: Box
    label: str
    probability: float
    bars: tuple[tuple[str, float], ...]
    track: int | None = None

    @property
    def caption(self) -> str:
        """The line over the box."""
        number = "" if self.track is None else f"#{self.track} "
        return f"{number}{self.label} {self.probability:.0%}".replace("%", " %")

    def scaled(self, factor: float) -> "LabelledFace":
        """Return the same face in a picture scaled by `factor`."""
        box = self.box
        x, y, width, height = (value * factor for value in (box.x, box.y, box.width, box.height))
        return replace(self, box=Box(x, y, width, height))


def labelled_face(
    face: Face,
    labels: Sequence[str],
    *,
    word: str = "",
    top: int | None = None,
    track: int | None = None,
) -> LabelledFace:
    """Return what to draw of a face.

    `top` is the label to show where it is not the most probable one; `word` stands in
    place of its name.
    """
    shown = face.top if top is None else top
    return LabelledFace(
        box=face.box,
        label=word or labels[shown],
        probability=face.probabilities[shown],
        bars=tuple(zip(labels, face.probabilities, strict=True)),
        track=track,
    )


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


_Area = tuple[int, int, int, int]


def draw_faces(image: Image.Image, faces: Sequence[LabelledFace]) -> None:
    """Draw onto an RGB picture, in place; boxes first, so that no caption is hidden."""
    style = Style.of(*image.size)
    draw = ImageDraw.Draw(image)
    colours = [
        colour_of(place if face.track is None else face.track) for place, face in enumerate(faces)
    ]
    for face, colour in zip(faces, colours, strict=True):
        draw.rectangle(_corners(face.box), outline=colour, width=style.line)
    for face, colour in zip(faces, colours, strict=True):
        _draw_bars(image, draw, face, colour, style)
        _draw_caption(image, draw, face, colour, style)


def _draw_caption(
    image: Image.Image, draw: ImageDraw.ImageDraw, face: LabelledFace, colour: Colour, style: Style
) -> None:
    line = line_of(face.caption, style.caption)
    left, top, _, _ = _corners(face.box)
    size = (line.width + 2 * style.gap, line.height + 2 * style.gap)
    over = top - size[1]
    area = _inside(image, left, over if over >= 0 else top, size)
    draw.rectangle(area, fill=colour)
    draw.text(
        (area[0] + style.gap, area[1] + style.gap + line.above),
        face.caption,
        fill=_readable_on(colour),
        font=font(style.caption),
        anchor="ls",
    )


def _draw_bars(
    image: Image.Image, draw: ImageDraw.ImageDraw, face: LabelledFace, colour: Colour, style: Style
) -> None:
    lines = [line_of(label, style.small) for label, _ in face.bars]
    words = max(line.width for line in lines)
    row = lines[0].height + style.gap
    longest = style.small * 4
    size = (words + longest + 3 * style.gap, row * len(face.bars) + style.gap)
    area = _beside(image, face.box, size, style.gap)
    _darken(image, area)
    for place, (label, probability) in enumerate(face.bars):
        top = area[1] + style.gap + place * row
        draw.text(
            (area[0] + style.gap, top + lines[place].above),
            label,
            fill=TEXT,
            font=font(style.small),
            anchor="ls",
        )
        left = area[0] + words + 2 * style.gap
        length = round(longest * min(max(probability, 0.0), 1.0))
        draw.rectangle((left, top, left + max(1, length), top + row - style.gap), fill=colour)


def _beside(image: Image.Image, box: Box, size: tuple[int, int], gap: int) -> _Area:
    """Return where the bars go: right of the box, else left of it, else over its foot."""
    left, top, right, bottom = _corners(box)
    if right + gap + size[0] <= image.width:
        return _inside(image, right + gap, top, size)
    if left - gap - size[0] >= 0:
        return _inside(image, left - gap - size[0], top, size)
    return _inside(image, right - size[0], bottom - size[1], size)


def _inside(image: Image.Image, left: int, top: int, size: tuple[int, int]) -> _Area:
    """Return an area of that size, moved into the picture as far as it fits."""
    x = max(0, min(left, image.width - size[0]))
    y = max(0, min(top, image.height - size[1]))
    return x, y, min(x + size[0], image.width), min(y + size[1], image.height)


def _darken(image: Image.Image, area: _Area) -> None:
    behind = image.crop(area)
    image.paste(
        Image.blend(behind, Image.new("RGB", behind.size, BACKGROUND), BACKGROUND_SHARE), area
    )


def _readable_on(colour: Colour) -> Colour:
    red, green, blue = colour
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 140  # noqa: PLR2004 - of 255
    return BACKGROUND if bright else TEXT


def _corners(box: Box) -> _Area:
    return (
        round(box.x),
        round(box.y),
        round(box.x + box.width),
        round(box.y + box.height),
    )


def annotate(picture: bytes, faces: Sequence[LabelledFace], picture_format: PictureFormat) -> bytes:
    """Return the picture, upright, with each face's box, label and bars.

    Boxes are in pixels of the upright picture. Raises TooManyPixelsError or
    UnreadableImageError.
    """
    image, scale = open_upright(picture)
    draw_faces(image, [face.scaled(scale) for face in faces])
    return encode(image, picture_format)
