"""Values that the core works with: pictures, faces, predictions, analyses, deadlines."""

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Self

from mien_gateway.errors import (
    DeadlineExceededError,
    EmptyImageError,
    ImageTooLargeError,
    UnsupportedMediaTypeError,
)
from mien_models.registry import ServedModel


class Deadline:
    """A moment that does not move."""

    __slots__ = ("_at",)

    def __init__(self, at: float) -> None:
        """Take the moment on the monotonic clock, in seconds."""
        self._at = at

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the moment that is `seconds` away."""
        return cls(monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """May be negative."""
        return self._at - monotonic()

    def budget(self, waiting_for: str) -> float:
        """Return the seconds left, always positive.

        Raises DeadlineExceededError, naming what was to be waited for, when none are.
        """
        left = self.seconds_left
        if left <= 0:
            raise DeadlineExceededError(waiting_for)
        return left


_PREFIXES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM")


def check_image(image: bytes, max_bytes: int) -> None:
    """Raise the fitting CallerError unless the bytes may be a picture within the limit."""
    if not image:
        raise EmptyImageError
    if len(image) > max_bytes:
        raise ImageTooLargeError(max_bytes)
    if not (image.startswith(_PREFIXES) or _is_webp(image)):
        raise UnsupportedMediaTypeError


def _is_webp(image: bytes) -> bool:
    return image[:4] == b"RIFF" and image[8:12] == b"WEBP"


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """Where a face is, clipped to the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Of the upright picture."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DetectorIdentity:
    """What detects; the version changes whenever the same picture may give other faces."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """A face as the detector returns it; `crop` is height x width x channels bytes."""

    box: Box
    landmarks: Landmarks
    score: float
    crop: bytes
    sharpness: float = 0.0
    """How much fine detail the crop shows: 0 (blurred) and up."""


@dataclass(frozen=True, slots=True)
class DetectorSteps:
    """Seconds that the detector itself spent, without the way there and back."""

    decode: float = 0.0
    find: float = 0.0
    crop: float = 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """The faces of one picture, largest first."""

    image: ImageSize
    faces: tuple[DetectedFace, ...]
    detector: DetectorIdentity
    steps: DetectorSteps = DetectorSteps()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One face's probabilities, in the model's label order, and who computed them."""

    probabilities: tuple[float, ...]
    served_by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where in a face a model found an expression."""

    probabilities: tuple[float, ...]
    heat: tuple[float, ...]
    """0 to 1 per pixel of the crop, row by row: how much the place speaks for the class."""
    served_by: str


@dataclass(frozen=True, slots=True)
class Face:
    """A face with its expression."""

    box: Box
    landmarks: Landmarks
    detection_score: float
    probabilities: tuple[float, ...]
    sharpness: float = 0.0

    @property
    def top(self) -> int:
        """Which label is the most probable."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


class CacheStatus(StrEnum):
    """What the cache had to do with an answer."""

    HIT = "hit"
    MISS = "miss"
    BYPASS = "bypass"


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known about one picture under one model; this is what the cache keeps."""

    detector: DetectorIdentity
    image: ImageSize
    faces: tuple[Face, ...]
    served_by: str
    """The server that computed the probabilities; empty where no face was found."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent per stage, with the network; a stage that did not run took 0."""

    hash: float = 0.0
    cache: float = 0.0
    detect: float = 0.0
    infer: float = 0.0
    total: float = 0.0
    within_detect: DetectorSteps = DetectorSteps()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answer to one request."""

    model: ServedModel
    findings: Findings
    cache: CacheStatus
    timings: Timings


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRequest:
    """One picture to analyse; without a model's name, the default's."""

    image: bytes
    deadline: Deadline
    model: str = ""
    no_store: bool = False
    allow_twin: bool = False
    """Whether the twin in the other framework may answer when the model's server is away."""
    caller: str = ""
    """Whose share of the analyses under way it takes."""
    minimum_score: float | None = None
    """Faces that the detector is less sure of are left out; without it, by its own setting.

    An answer to another than the detector's own is neither looked up nor kept."""

    @property
    def is_kept(self) -> bool:
        """Whether the answer may come from the cache and go into it."""
        return not self.no_store and self.minimum_score is None
