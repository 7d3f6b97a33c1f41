"""The frame lies around a face as FER2013's frames lie around its faces."""

import math
from dataclasses import replace

import pytest

from mien_detector.alignment import MEDIAN_FACE, Frame, place_frame, turn_of
from mien_detector.types import Box, Face, Landmarks, Point


def in_picture(side: float, x: float, y: float, turn: float = 0) -> Face:
    """Return the median face in a frame of that side around (x, y), turned clockwise."""
    angle = math.radians(turn)

    def move(point: Point) -> Point:
        right, down = (point.x - 0.5) * side, (point.y - 0.5) * side
        return Point(
            x + right * math.cos(angle) - down * math.sin(angle),
            y + right * math.sin(angle) + down * math.cos(angle),
        )

    box = MEDIAN_FACE.box
    centre = move(Point(box.x + box.width / 2, box.y + box.height / 2))
    width, height = box.width * side, box.height * side
    return Face(
        Box(centre.x - width / 2, centre.y - height / 2, width, height),
        Landmarks(*map(move, MEDIAN_FACE.landmarks.points)),
        0.9,
    )


def assert_close(frame: Frame, expected: Frame) -> None:
    assert frame.centre.x == pytest.approx(expected.centre.x, abs=1e-6)
    assert frame.centre.y == pytest.approx(expected.centre.y, abs=1e-6)
    assert frame.side == pytest.approx(expected.side)
    assert frame.turn == pytest.approx(expected.turn, abs=1e-6)


@pytest.mark.parametrize("turn", [-90, -30, -5, 0, 12, 60])
def test_the_median_face_gets_back_its_frame(turn: float) -> None:
    """However large, wherever and however turned."""
    expected = Frame(Point(300, 200), 96, turn)
    assert_close(place_frame(in_picture(96, 300, 200, turn)), expected)


def test_one_wrong_eye_turns_the_frame_less_than_the_line_of_the_eyes() -> None:
    """All five landmarks vote on the turn."""
    face = in_picture(100, 0, 0)
    eye = face.landmarks.right_eye
    marks = replace(face.landmarks, right_eye=Point(eye.x, eye.y + 10))
    by_eyes = math.degrees(math.atan2(10, eye.x - face.landmarks.left_eye.x))
    assert 0 < turn_of(replace(face, landmarks=marks)) < by_eyes / 2


def test_box_and_landmarks_share_the_decision_on_the_side() -> None:
    """A box of four times the area doubles one estimate, and so takes the side to its root."""
    face = in_picture(100, 0, 0)
    box = face.box
    large = Box(box.x - box.width / 2, box.y - box.height / 2, box.width * 2, box.height * 2)
    assert place_frame(replace(face, box=large)).side == pytest.approx(100 * math.sqrt(2))


def test_landmarks_in_one_place_still_give_a_frame() -> None:
    """A detector's slip must not end in a division by zero or an empty crop."""
    point = Point(5, 5)
    frame = place_frame(Face(Box(0, 0, 10, 10), Landmarks(*[point] * 5), 0.9))
    assert frame.side >= 1
    assert math.isfinite(frame.centre.x)
