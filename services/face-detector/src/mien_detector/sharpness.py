"""How much fine detail a crop shows, so that callers can tell a blurred face."""

from typing import Final

import cv2
import numpy as np

from mien_detector.crops import GREY
from mien_detector.values import CropShape

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
