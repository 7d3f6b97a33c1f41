"""What the systems answer: read, checked, and compared with Mien's own."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mien_bench.errors import WrongAnswerError


@dataclass(frozen=True, slots=True)
class Face:
    """A face as a system answers it."""

    box: tuple[float, float, float, float]
    """Left, top, width, height, in pixels of the picture."""
    probabilities: Mapping[str, float]

    @property
    def label(self) -> str:
        """The most probable expression."""
        return max(self.probabilities, key=lambda label: self.probabilities[label])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far another system's faces are from Mien's."""

    faces: int
    expected: int
    matched: int
    """Faces whose boxes cover each other by half or more."""
    overlap: float
    """The smallest overlap of matched boxes: intersection over union."""
    same_labels: int
    difference: float
    """The largest difference of a probability among matched faces."""


_SAME_FACE = 0.5
_LABELS = 7


def read(body: bytes) -> dict[str, Any]:
    """Return the document; raises WrongAnswerError where it is none."""
    try:
        document = json.loads(body)
    except ValueError as error:
        message = f"no JSON: {body[:80]!r}"
        raise WrongAnswerError(message) from error
    if not isinstance(document, dict) or not isinstance(document.get("faces"), list):
        message = f"no list of faces: {body[:80]!r}"
        raise WrongAnswerError(message)
    return document


def faces_of(document: Mapping[str, Any], tolerance: float) -> list[Face]:
    """Return the faces, each with a distribution over seven labels.

    Args:
        document: as `read` returned it.
        tolerance: how far from 1 the probabilities of a face may sum up.

    Raises:
        WrongAnswerError: the document is not what it must be.
    """
    try:
        faces = [_face(each) for each in document["faces"]]
        odd = [face for face in faces if not _is_distribution(face, tolerance)]
    except (AttributeError, KeyError, TypeError) as error:
        message = f"not as faces are answered: {error!r}"
        raise WrongAnswerError(message) from error
    if odd:
        message = f"no distribution over {_LABELS} labels: {odd[0].probabilities}"
        raise WrongAnswerError(message)
    return faces


def compare(faces: Sequence[Face], expected: Sequence[Face]) -> Agreement:
    """Match each expected face with the one that covers it best."""
    pairs = []
    for wanted in expected:
        best = max(faces, key=lambda face: overlap(face.box, wanted.box), default=None)
        if best is not None and overlap(best.box, wanted.box) >= _SAME_FACE:
            pairs.append((best, wanted))
    return Agreement(
        faces=len(faces),
        expected=len(expected),
        matched=len(pairs),
        overlap=min((overlap(one.box, two.box) for one, two in pairs), default=0.0),
        same_labels=sum(one.label == two.label for one, two in pairs),
        difference=max((_difference(one, two) for one, two in pairs), default=1.0),
    )


def overlap(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the intersection over the union of two boxes."""
    across = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    down = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    both = max(across, 0.0) * max(down, 0.0)
    return both / (one[2] * one[3] + two[2] * two[3] - both)


def _face(given: Mapping[str, Any]) -> Face:
    box = given["box"]
    return Face((box["x"], box["y"], box["width"], box["height"]), given["probabilities"])


def _is_distribution(face: Face, tolerance: float) -> bool:
    values = face.probabilities.values()
    # Written so that no number, NaN, is refused.
    whole = abs(math.fsum(values) - 1) <= tolerance
    return len(values) == _LABELS and min(values) >= 0 and whole


def _difference(one: Face, two: Face) -> float:
    return max(
        abs(one.probabilities.get(label, 0.0) - value) for label, value in two.probabilities.items()
    )
