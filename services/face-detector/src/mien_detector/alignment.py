"""Where a training face's frame lies in a picture, by what the detector saw of the face.

A model is right about crops that look like the faces it was trained on. So the frame is
placed as FER2013's frames lie around its faces. How it is best placed was decided by
measurement; the README of this service has the figures.
"""

import math
from dataclasses import dataclass
from typing import Final

from mien_detector.types import Box, Face, Landmarks, Point

FRAME_VERSION: Final = 1
"""Raise it with every change here or in `crops`: cached answers hang on it."""

MEDIAN_FACE: Final = Face(
    Box(0.10, 0.03, 0.79, 0.99),
    Landmarks(
        left_eye=Point(0.315, 0.391),
        right_eye=Point(0.683, 0.387),
        nose=Point(0.499, 0.588),
        left_mouth=Point(0.346, 0.753),
        right_mouth=Point(0.657, 0.750),
    ),
    1.0,
)
"""A FER2013 face as YuNet sees it, in parts of the frame's side: medians of `calibrate`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A square in the picture.

    Attributes:
        centre: in pixels of the picture.
        side: in pixels of the picture.
        turn: clockwise as the viewer sees it, in degrees.
    """

    centre: Point
    side: float
    turn: float


def place_frame(face: Face) -> Frame:
    """Return the frame that a training face would have here."""
    side = _side(face)
    turn = turn_of(face)
    angle = math.radians(turn)
    start, usual = anchor(face), anchor(MEDIAN_FACE)
    right, down = (0.5 - usual.x) * side, (0.5 - usual.y) * side
    centre = Point(
        start.x + right * math.cos(angle) - down * math.sin(angle),
        start.y + right * math.sin(angle) + down * math.cos(angle),
    )
    return Frame(centre, side, turn)


def anchor(face: Face) -> Point:
    """Return the middle between the centre of the box and that of the landmarks."""
    box, points = face.box, _landmark_centre(face)
    return Point(
        (box.x + box.width / 2 + points.x) / 2,
        (box.y + box.height / 2 + points.y) / 2,
    )


def landmark_spread(face: Face) -> float:
    """Return the root mean square distance of the landmarks from their centre."""
    arms = _arms(face)
    return math.sqrt(sum(x * x + y * y for x, y in arms) / len(arms))


def box_size(face: Face) -> float:
    """Return the square root of the box's area."""
    return math.sqrt(face.box.width * face.box.height)


def turn_of(face: Face) -> float:
    """Return the clockwise turn, in degrees, that best takes the median face's landmarks here.

    All five count: the line of the eyes alone is twice as short, hence less exact.
    """
    pairs = list(zip(_arms(MEDIAN_FACE), _arms(face), strict=True))
    across = sum(ax * by - ay * bx for (ax, ay), (bx, by) in pairs)
    along = sum(ax * bx + ay * by for (ax, ay), (bx, by) in pairs)
    return math.degrees(math.atan2(across, along))


def _side(face: Face) -> float:
    # The landmarks of a head turned aside lie close together, and the box depends on hair
    # and background: the geometric mean of both estimates was nearer than either.
    by_landmarks = landmark_spread(face) / landmark_spread(MEDIAN_FACE)
    by_box = box_size(face) / box_size(MEDIAN_FACE)
    return max(math.sqrt(by_landmarks * by_box), 1.0)


def _landmark_centre(face: Face) -> Point:
    points = face.landmarks.points
    return Point(
        sum(point.x for point in points) / len(points),
        sum(point.y for point in points) / len(points),
    )


def _arms(face: Face) -> list[tuple[float, float]]:
    centre = _landmark_centre(face)
    return [(point.x - centre.x, point.y - centre.y) for point in face.landmarks.points]
