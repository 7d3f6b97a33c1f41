"""Cuts aligned crops in the shape that a model wants, and measures how sharp they are."""

import math
from typing import Final

import cv2
import numpy as np

from mien_detector.alignment import Frame
from mien_detector.types import CropShape, Image

GREY: Final = 1
COLOUR: Final = 3

# Samples along each side of a crop's pixel. Beyond eight, 64 samples are spread over the
# area of one pixel: more would cost much and change little.
_MAXIMUM_OVERSAMPLING = 8


def pixels_per_crop_pixel(frame: Frame, shape: CropShape) -> float:
    """Return how many pixels of the picture lie along one pixel of the crop."""
    return frame.side / min(shape.height, shape.width)


def cut(image: Image, reduction: int, frame: Frame, shape: CropShape) -> bytes:
    """Return the crop, row by row, channels interleaved (grey, or red, green, blue).

    The frame fills the shorter side of the shape; a longer side shows more of the picture.
    What lies outside the picture continues its edge.

    Args:
        image: the upright picture, made smaller by `reduction`.
        reduction: pixels of the picture along one pixel of `image`.
        frame: in pixels of the picture.
        shape: of the crop.
    """
    step = pixels_per_crop_pixel(frame, shape) / reduction
    samples = min(max(math.ceil(step), 1), _MAXIMUM_OVERSAMPLING)
    size = (shape.width * samples, shape.height * samples)
    matrix = _sampling(frame, reduction, step / samples, size)
    # Sampling about once a pixel and then averaging areas lets no detail turn into noise.
    fine = cv2.warpAffine(
        image,
        matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    crop = cv2.resize(fine, (shape.width, shape.height), interpolation=cv2.INTER_AREA)
    wanted = cv2.COLOR_BGR2GRAY if shape.channels == GREY else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(crop, wanted), np.uint8).tobytes()


def _sampling(
    frame: Frame, reduction: int, step: float, size: tuple[int, int]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Return the matrix from a sample's index to its place in the reduced image."""
    angle = math.radians(frame.turn)
    across, along = step * math.cos(angle), step * math.sin(angle)
    # The middle of pixel 0 lies at 0.5, and OpenCV calls it 0.
    middle_x, middle_y = (size[0] - 1) / 2, (size[1] - 1) / 2
    centre_x, centre_y = frame.centre.x / reduction - 0.5, frame.centre.y / reduction - 0.5
    return np.array(
        [
            [across, -along, centre_x - across * middle_x + along * middle_y],
            [along, across, centre_y - along * middle_x - across * middle_y],
        ]
    )


# The scale at which it is measured, whatever a model's crops are.
_SIDE: Final = 48
# The outermost pixels may show no face.
_MARGIN: Final = 4


def sharpness(crop: bytes, shape: CropShape) -> float:
    """Return the variance of the Laplacian in parts of the crop's own variance.

    Dividing takes the contrast out: a dim face is not a blurred one. Of FER2013's faces 99.9 %
    have more than 0.17; blurred by 2 pixels, 95 % have less than 0.08.
    """
    pixels = np.frombuffer(crop, np.uint8).reshape(shape.height, shape.width, shape.channels)
    grey = pixels[..., 0] if shape.channels == GREY else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if grey.shape != (_SIDE, _SIDE):
        grey = cv2.resize(np.ascontiguousarray(grey), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    middle = grey[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN].astype(np.float32)
    return float(cv2.Laplacian(middle, cv2.CV_32F).var() / max(float(middle.var()), 1.0))
