"""How answers are written into the cache and read back.

A record is a JSON array whose first member is the layout's number. What does not read as
such a record, and for exactly this model, is no record at all: it counts as a miss.
"""

import math
from typing import Any

import orjson

from mien_gateway.domain import (
    Box,
    DetectorIdentity,
    Face,
    Findings,
    ImageSize,
    Landmarks,
    Point,
    Prediction,
)

_LAYOUT = 2


def encode_prediction(prediction: Prediction) -> bytes:
    """Write one face's probabilities."""
    return orjson.dumps([_LAYOUT, prediction.served_by, prediction.probabilities])


def decode_prediction(record: bytes, classes: int) -> Prediction | None:
    """Read one face's probabilities, or None where the record is of no use."""
    try:
        layout, served_by, probabilities = orjson.loads(record)
        _require(layout == _LAYOUT)
        return Prediction(_probabilities(probabilities, classes), str(served_by))
    except (ValueError, TypeError):
        return None


def encode_findings(findings: Findings) -> bytes:
    """Write the whole answer for a picture."""
    return orjson.dumps(
        [
            _LAYOUT,
            [findings.detector.name, findings.detector.version],
            [findings.image.width, findings.image.height],
            findings.served_by,
            [_face_row(face) for face in findings.faces],
        ]
    )


def decode_findings(record: bytes, classes: int) -> Findings | None:
    """Read the whole answer for a picture, or None where the record is of no use."""
    try:
        layout, (name, version), (width, height), served_by, rows = orjson.loads(record)
        _require(layout == _LAYOUT)
        return Findings(
            detector=DetectorIdentity(str(name), str(version)),
            image=ImageSize(int(width), int(height)),
            faces=tuple(_face(row, classes) for row in rows),
            served_by=str(served_by),
        )
    except (ValueError, TypeError):
        return None


def _face_row(face: Face) -> list[Any]:
    box, marks = face.box, face.landmarks
    return [
        [box.x, box.y, box.width, box.height],
        [
            coordinate
            for point in (
                marks.left_eye,
                marks.right_eye,
                marks.nose,
                marks.left_mouth,
                marks.right_mouth,
            )
            for coordinate in (point.x, point.y)
        ],
        face.detection_score,
        face.probabilities,
        face.sharpness,
    ]


def _face(row: list[Any], classes: int) -> Face:
    box, marks, score, probabilities, sharpness = row
    x, y, width, height = map(float, box)
    left, right, nose, left_mouth, right_mouth = zip(marks[::2], marks[1::2], strict=True)
    return Face(
        box=Box(x, y, width, height),
        landmarks=Landmarks(
            Point(*left), Point(*right), Point(*nose), Point(*left_mouth), Point(*right_mouth)
        ),
        detection_score=float(score),
        probabilities=_probabilities(probabilities, classes),
        sharpness=float(sharpness),
    )


def _probabilities(values: list[float], classes: int) -> tuple[float, ...]:
    probabilities = tuple(map(float, values))
    _require(len(probabilities) == classes and all(map(math.isfinite, probabilities)))
    return probabilities


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError
