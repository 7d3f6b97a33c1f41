"""A picture's bytes in, the same picture with its faces drawn out."""

from collections.abc import Sequence

from mien_gateway.drawing.faces import draw_faces
from mien_gateway.drawing.labels import LabelledFace
from mien_gateway.drawing.pictures import PictureFormat, encode, open_upright


def annotate(picture: bytes, faces: Sequence[LabelledFace], picture_format: PictureFormat) -> bytes:
    """Return the picture, upright, with each face's box, label and bars.

    Boxes are in pixels of the upright picture. Raises TooManyPixelsError or
    UnreadableImageError.
    """
    image, scale = open_upright(picture)
    draw_faces(image, [face.scaled(scale) for face in faces])
    return encode(image, picture_format)
