"""Where a training face's frame lies in a picture, by what the detector saw of the face.

A model is right about crops that look like the faces it was trained on. So the frame is
placed as FER2013's frames lie around its faces; `calibrate` measures that.
"""

import math
from dataclasses import dataclass
from typing import Final

from mien_detector.values import Face, Point

FRAME_VERSION: Final = 1
"""Raise it with every change here or in `crops`: cached answers hang on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canon:
    """Medians over FER2013, in parts of a frame's side.

    Attributes:
        centre: where the middle between box centre and landmarks' centre lies in the frame.
        spread: root mean square distance of the five landmarks from their centre.
        box: square root of the box's area.
    """

    centre: Point
    spread: float
    box: float


CANON: Final = Canon(centre=Point(0.5, 0.55), spread=0.224, box=0.89)

# Training faces are not turned upright, and landmarks are not exact: between these angles,
# in degrees, correcting grows from nothing to all of what was measured.
TILT_KEPT: Final = 15.0
TILT_CORRECTED: Final = 25.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A square in the picture.

    Attributes:
        centre: in pixels of the picture.
        side: in pixels of the picture.
        tilt: clockwise turn of the square as the viewer sees it, in degrees.
    """

    centre: Point
    side: float
    tilt: float


def place_frame(face: Face) -> Frame:
    """Return the frame that a training face would have here."""
    side = _side(face)
    tilt = _corrected(_tilt(face))
    angle = math.radians(tilt)
    right, down = (0.5 - CANON.centre.x) * side, (0.5 - CANON.centre.y) * side
    anchor = _anchor(face)
    centre = Point(
        anchor.x + right * math.cos(angle) - down * math.sin(angle),
        anchor.y + right * math.sin(angle) + down * math.cos(angle),
    )
    return Frame(centre, side, tilt)


def _side(face: Face) -> float:
    # The landmarks of a head turned aside lie close together, and the box of a face cut off
    # by the edge is small; the geometric mean of both estimates halves either error.
    by_landmarks = _spread(face) / CANON.spread
    by_box = math.sqrt(face.box.width * face.box.height) / CANON.box
    return max(math.sqrt(by_landmarks * by_box), 1.0)


def _anchor(face: Face) -> Point:
    box, points = face.box, landmark_centre(face)
    return Point(
        (box.x + box.width / 2 + points.x) / 2,
        (box.y + box.height / 2 + points.y) / 2,
    )


def landmark_centre(face: Face) -> Point:
    """Return the mean of the five landmarks."""
    points = face.landmarks.points
    return Point(
        sum(point.x for point in points) / len(points),
        sum(point.y for point in points) / len(points),
    )


def _spread(face: Face) -> float:
    centre = landmark_centre(face)
    squares = [
        (point.x - centre.x) ** 2 + (point.y - centre.y) ** 2 for point in face.landmarks.points
    ]
    return math.sqrt(sum(squares) / len(squares))


def _tilt(face: Face) -> float:
    left, right = face.landmarks.left_eye, face.landmarks.right_eye
    return math.degrees(math.atan2(right.y - left.y, right.x - left.x))


def _corrected(tilt: float) -> float:
    share = (abs(tilt) - TILT_KEPT) / (TILT_CORRECTED - TILT_KEPT)
    return tilt * min(max(share, 0.0), 1.0)
