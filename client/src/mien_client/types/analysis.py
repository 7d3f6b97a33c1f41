"""What is found in a picture. Places are pixels of the upright picture."""

from collections.abc import Mapping
from dataclasses import dataclass

Probabilities = Mapping[str, float]
"""By label, in the model's order; they sum to 1."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """Where a face is; `x` and `y` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Left and right as the viewer sees them."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point


@dataclass(frozen=True, slots=True)
class Expression:
    """A label and how probable it is, 0 to 1; the label may be `uncertain`."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be judged.

    Attributes:
        size_pixels: the shorter side of its box.
        sharpness: 0 (blurred) and up.
        yaw_degrees: how far it is turned, positive to the viewer's right.
        roll_degrees: how far it is tilted, positive clockwise.
        issues: of `too_small`, `blurred` and `turned`.
    """

    size_pixels: float
    sharpness: float
    yaw_degrees: float
    roll_degrees: float
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    Attributes:
        index: its place in the picture's list, largest first.
        detection_score: the detector's, 0 to 1.
        top: the most probable expression, `uncertain` where none is probable enough.
        track: in streams, the same number for the same face from frame to frame, by motion
            alone; None elsewhere, and while a face is not followed yet.
    """

    index: int
    box: Box
    landmarks: Landmarks
    detection_score: float
    top: Expression
    probabilities: Probabilities
    quality: Quality
    track: int | None = None


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model answered; `framework` is `pytorch` or `tensorflow`."""

    name: str
    version: int
    framework: str


@dataclass(frozen=True, slots=True)
class Detector:
    """Which detector found the faces."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Of the upright picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in one picture.

    Attributes:
        faces: largest first; empty where there is none.
        cache: `hit`, `miss` or `bypass`.
        served_by: the server that computed the probabilities; empty where there is no face.
        timings_ms: milliseconds by stage, the network between Mien's parts included.
    """

    request_id: str
    model: ModelRef
    detector: Detector
    image: ImageSize
    faces: tuple[Face, ...]
    cache: str
    served_by: str
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one picture of many has no analysis; programs rely on `code`."""

    code: str
    detail: str
