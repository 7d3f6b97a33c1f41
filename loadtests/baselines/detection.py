"""The detection that the baselines share: the bytes of a picture to its faces and their crops.

`library` is what a user of OpenCV writes by its documentation, `mien` is the code of our own
face-detector in this process: with it, nothing but the way of serving differs.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

YUNET = "yunet_n_dynamic.onnx"
LONGEST_SIDE = 640
MINIMUM_SCORE = 0.6
SAME_FACE_OVERLAP = 0.45
CROP_SIDE = 48

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face: its box in pixels of the picture, and its crop, uint8 [48, 48, 1]."""

    x: float
    y: float
    width: float
    height: float
    crop: Image


Find = Callable[[bytes], list[FoundFace]]
"""Takes an encoded picture, gives its faces, largest first; several threads may call it."""


def make_find(detection: str, yunet_dir: Path) -> Find:
    """Return the wanted detection, `library` or `mien`; the folder holds YuNet's file."""
    return {"library": _library, "mien": _mien}[detection](yunet_dir)


def _library(yunet_dir: Path) -> Find:
    # One detector per thread: it remembers the size of the picture that it works on.
    mine = threading.local()

    def find(data: bytes) -> list[FoundFace]:
        if not hasattr(mine, "detector"):
            mine.detector = cv2.FaceDetectorYN.create(
                str(yunet_dir / YUNET), "", (320, 320), MINIMUM_SCORE, SAME_FACE_OVERLAP
            )
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            message = "this is no picture"
            raise ValueError(message)
        shrunk, factor = _shrunk(np.asarray(image, np.uint8))
        mine.detector.setInputSize((shrunk.shape[1], shrunk.shape[0]))
        _, rows = mine.detector.detect(shrunk)
        boxes = [] if rows is None else (rows[:, :4] * factor).tolist()
        boxes.sort(key=lambda box: box[2] * box[3], reverse=True)
        return [_found(np.asarray(image, np.uint8), *box) for box in boxes]

    return find


def _shrunk(image: Image) -> tuple[Image, float]:
    """Return the picture with at most `LONGEST_SIDE` pixels a side, and how much it shrank."""
    factor = max(image.shape[:2]) / LONGEST_SIDE
    if factor <= 1:
        return image, 1.0
    size = (round(image.shape[1] / factor), round(image.shape[0] / factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def _found(image: Image, x: float, y: float, width: float, height: float) -> FoundFace:
    """Return the face with its crop: the square around the box, as far as the picture reaches."""
    side = max(width, height)
    left, top = round(x + (width - side) / 2), round(y + (height - side) / 2)
    part = image[max(top, 0) : round(top + side), max(left, 0) : round(left + side)]
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)
    return FoundFace(x, y, width, height, np.asarray(small, np.uint8)[..., np.newaxis])


def _mien(yunet_dir: Path) -> Find:
    from mien_detector.app import make_finder  # noqa: PLC0415 - the other way does without Mien
    from mien_detector.detectors.yunet import YuNet  # noqa: PLC0415
    from mien_detector.malloc import keep_freed_memory  # noqa: PLC0415
    from mien_detector.settings import Settings  # noqa: PLC0415
    from mien_detector.types import CropShape  # noqa: PLC0415

    keep_freed_memory()
    shape = CropShape(CROP_SIDE, CROP_SIDE, 1)
    finder = make_finder(Settings(), YuNet(yunet_dir / YUNET))

    def find(data: bytes) -> list[FoundFace]:
        found = finder.find(data, finder.selection, shape).faces
        crops = (
            np.frombuffer(one.crop, np.uint8).reshape(CROP_SIDE, CROP_SIDE, 1) for one in found
        )
        boxes = (one.face.box for one in found)
        return [
            FoundFace(box.x, box.y, box.width, box.height, crop)
            for box, crop in zip(boxes, crops, strict=True)
        ]

    return find
