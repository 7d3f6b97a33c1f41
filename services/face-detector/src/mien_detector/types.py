"""The words that the parts of this service speak in.

Coordinates are pixels of the upright picture: (0, 0) is the outer corner of the first
pixel, so a picture of width 10 reaches from 0 to 10.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""uint8 [height, width, 3], blue, green, red."""


class DetectorChoice(StrEnum):
    """Which detector to use."""

    AUTO = "auto"
    YUNET = "yunet"
    LIBFACEDETECTION = "libfacedetection"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face; left and right as the viewer sees them."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point

    @property
    def points(self) -> tuple[Point, Point, Point, Point, Point]:
        """All five, eyes first."""
        return (self.left_eye, self.right_eye, self.nose, self.left_mouth, self.right_mouth)


@dataclass(frozen=True, slots=True)
class Face:
    """One face as a detector sees it; score is 0 to 1."""

    box: Box
    landmarks: Landmarks
    score: float


@dataclass(frozen=True, slots=True)
class CropShape:
    """The shape of a crop: uint8 height x width x channels (1 grey, 3 RGB)."""

    height: int
    width: int
    channels: int

    @property
    def size_bytes(self) -> int:
        """Bytes of one crop."""
        return self.height * self.width * self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which faces are wanted.

    Attributes:
        minimum_score: 0 to 1.
        minimum_face_pixels: the shorter side of the box, in pixels of the picture.
        maximum_faces: the largest ones are kept.
    """

    minimum_score: float
    minimum_face_pixels: int
    maximum_faces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The largest picture that is accepted."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face with its crop: `CropShape.size_bytes` bytes, or none where none was wanted.

    Attributes:
        face: what the detector saw.
        crop: row by row.
        sharpness: see `mien_detector.crop`; 0 without a crop.
    """

    face: Face
    crop: bytes
    sharpness: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds spent in each stage."""

    decode_ms: float
    detect_ms: float
    crop_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that is known of one picture; faces are largest first."""

    size: Size
    faces: tuple[FoundFace, ...]
    timings: Timings
