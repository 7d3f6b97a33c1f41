"""The label of a face: its top expression, or uncertain, and the quality of the face's picture."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from mien_gateway.domain import Analysis, Face, Landmarks, Point
from mien_gateway.errors import InvalidRequestError

# How far the nose's tip stands out before the line of the eyes, in distances of the eyes.
_NOSE_DEPTH = 0.55


class QualityIssue(StrEnum):
    """Why a face's expression may be misread."""

    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    TURNED = "turned"


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of a face's quality; angles are estimates from five points."""

    size_pixels: float
    sharpness: float
    yaw_degrees: float
    roll_degrees: float
    issues: tuple[QualityIssue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLimits:
    """Beyond them a face is marked."""

    minimum_size_pixels: float = 40
    minimum_sharpness: float = 0.06
    maximum_yaw_degrees: float = 45


def assess(face: Face, limits: QualityLimits) -> Quality:
    """Return a face's quality."""
    size = min(face.box.width, face.box.height)
    yaw, roll = _yaw(face.landmarks), _roll(face.landmarks)
    found = {
        QualityIssue.TOO_SMALL: size < limits.minimum_size_pixels,
        QualityIssue.BLURRED: face.sharpness < limits.minimum_sharpness,
        QualityIssue.TURNED: abs(yaw) > limits.maximum_yaw_degrees,
    }
    issues = tuple(issue for issue, present in found.items() if present)
    return Quality(size, face.sharpness, yaw, roll, issues)


def _roll(marks: Landmarks) -> float:
    """The eyes' line against the horizontal, in degrees clockwise."""
    return math.degrees(_angle(marks.left_eye, marks.right_eye))


def _yaw(marks: Landmarks) -> float:
    """How far the nose has wandered along the eyes' line tells how far the head is turned."""
    angle = _angle(marks.left_eye, marks.right_eye)
    apart = math.dist((marks.left_eye.x, marks.left_eye.y), (marks.right_eye.x, marks.right_eye.y))
    along = (marks.nose.x - (marks.left_eye.x + marks.right_eye.x) / 2) * math.cos(angle) + (
        marks.nose.y - (marks.left_eye.y + marks.right_eye.y) / 2
    ) * math.sin(angle)
    return math.degrees(math.atan2(along, apart * _NOSE_DEPTH))


def _angle(left: Point, right: Point) -> float:
    return math.atan2(right.y - left.y, right.x - left.x)


UNCERTAIN = "uncertain"


def check_minimum_confidence(value: float) -> float:
    """Return the value; raises InvalidRequestError where it is no number from 0 to 1."""
    if not 0 <= value <= 1:  # NaN is not, either
        message = "`minimum_confidence` must be a number from 0 to 1"
        raise InvalidRequestError(message)
    return value


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """A face's label; `uncertain` where no expression is probable enough."""

    label: str
    probability: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """Names the expression of a face, or does not."""

    minimum_confidence: float = 0.0
    limits: QualityLimits = field(default_factory=QualityLimits)

    def label(self, face: Face, labels: tuple[str, ...], top: int | None = None) -> FaceLabel:
        """Return what is said of a face with probabilities in the order of `labels`.

        `top` is the label to tell where it is not the most probable one: a stream holds it.
        """
        shown = face.top if top is None else top
        probability = face.probabilities[shown]
        sure = probability >= self.minimum_confidence
        return FaceLabel(
            label=labels[shown] if sure else UNCERTAIN,
            probability=probability,
            quality=assess(face, self.limits),
        )


@dataclass(frozen=True, slots=True)
class LabelledAnalysis:
    """An analysis with a judgement per face and, in streams, each face's track."""

    analysis: Analysis
    face_labels: tuple[FaceLabel, ...]
    tracks: tuple[int, ...] = ()
