"""Draws faces onto a picture: a box, a caption over it, bars beside it."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from mien_gateway.domain import Box
from mien_gateway.drawing.labels import LabelledFace
from mien_gateway.drawing.style import (
    BACKGROUND,
    BACKGROUND_SHARE,
    TEXT,
    Colour,
    Style,
    colour_of,
    font,
    line_of,
)

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
