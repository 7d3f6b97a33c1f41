"""Ten-crop testing: the four corners and the middle of a face, and their mirror images."""

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]

# 44 of 48 pixels, as published for FER2013; the crop is enlarged to what the model takes.
_SHARE = 44 / 48


def ten_crop(predict: Callable[[Bytes], Floats], images: Bytes) -> Floats:
    """Return the mean [N, classes] of what ``predict`` says of ten views of each face."""
    total = sum(predict(view) for view in ten_views(images))
    mean: Floats = np.asarray(total) / 10
    return mean


def ten_views(images: Bytes) -> Iterator[Bytes]:
    """Yield ten views of uint8 [N, H, W, C], each of the same shape."""
    height, width = images.shape[1:3]
    rows, columns = round(height * _SHARE), round(width * _SHARE)
    bottom, right = height - rows, width - columns
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    for top, left in corners:
        crop = _enlarged(images[:, top : top + rows, left : left + columns], (width, height))
        yield crop
        yield np.ascontiguousarray(crop[:, :, ::-1])


def _enlarged(crops: Bytes, size: tuple[int, int]) -> Bytes:
    shape = (len(crops), size[1], size[0], crops.shape[3])
    enlarged = [cv2.resize(crop, size, interpolation=cv2.INTER_LINEAR) for crop in crops]
    return np.asarray(enlarged, np.uint8).reshape(shape)
