"""Draws the pictures that are sent, all of the repository's one sample photo.

`python -m mien_loadtests.draw PHOTO FOLDER`, with Pillow; what it drew lies in `pictures`.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

_SMALL, _LARGE = (640, 360), (1280, 720)
_GREY = (100, 100, 100)
_COLUMNS = 5
# Of a row's tiles; the tables of this quality leave room for noise, and faces stay plain.
_QUALITY = 75


def one_face(photo: Image.Image) -> Image.Image:
    """Return the photo as a small frame."""
    return ImageOps.pad(photo, _SMALL, color=_GREY)


def small_face(photo: Image.Image) -> Image.Image:
    """Return somebody at the side of a large frame, mirrored: a face of about 50 pixels."""
    frame = Image.new("RGB", _LARGE, _GREY)
    frame.paste(ImageOps.mirror(photo).resize((300, 300)), (900, 380))
    return frame


def no_face(photo: Image.Image) -> Image.Image:
    """Return the rocket in the background as a small frame."""
    return ImageOps.pad(photo.crop((370, 0, 512, 240)), _SMALL, color=_GREY)


def ten_faces(photo: Image.Image) -> Image.Image:
    """Return two rows in a large frame, from dark to bright, every other one mirrored.

    No two faces are alike: a face that comes twice would be recognised once.
    """
    frame = Image.new("RGB", _LARGE, _GREY)
    side = _LARGE[0] // _COLUMNS
    top = (_LARGE[1] - 2 * side) // 2
    for number in range(2 * _COLUMNS):
        tile = ImageEnhance.Brightness(photo.resize((side, side))).enhance(0.8 + 0.05 * number)
        row, column = divmod(number, _COLUMNS)
        place = (column * side, top + row * side)
        frame.paste(ImageOps.mirror(tile) if number % 2 else tile, place)
    return frame


PICTURES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "one-face": one_face,
    "small-face": small_face,
    "no-face": no_face,
    "ten-faces": ten_faces,
}


def main() -> None:
    """Write a JPEG per picture."""
    photo, folder = Image.open(sys.argv[1]).convert("RGB"), Path(sys.argv[2])
    for name, draw in PICTURES.items():
        draw(photo).save(folder / f"{name}.jpg", quality=_QUALITY)


if __name__ == "__main__":
    main()
