"""The wanted faces are found, in pixels of the picture."""

from collections.abc import Callable

import numpy as np
import pytest

from mien_detector.pipeline import clip, search
from mien_detector.types import Box, Face, Image, Selection, Size
from tests.fakes.detector import FakeDetector, draw_face, face_of

ALL = Selection(minimum_score=0.5, minimum_face_pixels=1, maximum_faces=10)


class Seeing:
    """A detector that sees the same faces in every picture, and remembers the picture's size."""

    name = "seeing"
    fingerprint = "1" * 64
    engine = "none"

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.seen = Size(0, 0)

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """Return what it was given."""
        self.seen = Size(image.shape[1], image.shape[0])
        return [face for face in self.faces if face.score >= minimum_score]


def blank(width: int, height: int) -> Image:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (Size(640, 360), Size(640, 360)),
        (Size(1280, 720), Size(640, 360)),
        (Size(300, 600), Size(300, 600)),
        (Size(48, 48), Size(192, 192)),
        (Size(1, 1), Size(192, 192)),
        (Size(4000, 2), Size(640, 1)),
    ],
)
def test_the_detector_sees_a_picture_of_fitting_size(given: Size, shown: Size) -> None:
    """Large pictures are reduced, thumbnails enlarged, others left alone."""
    detector = Seeing()
    search(detector, blank(given.width, given.height), given, 640, ALL)
    assert detector.seen == shown


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_faces_are_in_pixels_of_the_picture(scale: int) -> None:
    """Whatever the picture was reduced by, before or in the search."""
    picture = blank(1280, 960)
    draw_face(picture, Box(400, 200, 160, 240))
    reduced = picture[::scale, ::scale].copy()
    (face,) = search(FakeDetector(), reduced, Size(1280, 960), 640, ALL)
    assert (face.box.x, face.box.y) == pytest.approx((400, 200), abs=5)
    assert (face.box.width, face.box.height) == pytest.approx((160, 240), abs=9)
    assert face.landmarks.nose.x == pytest.approx(480, abs=5)


def test_the_largest_face_comes_first_and_the_rest_is_left_out() -> None:
    """Of more faces than wanted the largest are kept."""
    faces = [face_of(Box(0, 0, side, side)) for side in (20, 60, 40)]
    wanted = Selection(minimum_score=0.5, minimum_face_pixels=1, maximum_faces=2)
    found = search(Seeing(*faces), blank(200, 200), Size(200, 200), 640, wanted)
    assert [face.box.width for face in found] == [60, 40]


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda: Selection(minimum_score=0.8, minimum_face_pixels=1, maximum_faces=9), 1),
        (lambda: Selection(minimum_score=0.5, minimum_face_pixels=31, maximum_faces=9), 1),
        (lambda: Selection(minimum_score=0.5, minimum_face_pixels=30, maximum_faces=9), 2),
    ],
)
def test_unsure_and_small_faces_are_left_out(change: Callable[[], Selection], count: int) -> None:
    """Score and the shorter side of the box decide."""
    detector = Seeing(face_of(Box(0, 0, 30, 90), 0.6), face_of(Box(50, 50, 40, 40), 0.9))
    assert len(search(detector, blank(200, 200), Size(200, 200), 640, change())) == count


def test_a_face_outside_the_picture_is_left_out() -> None:
    """What lies wholly over the edge cannot be shown."""
    detector = Seeing(face_of(Box(250, 0, 30, 30)))
    assert search(detector, blank(200, 200), Size(200, 200), 640, ALL) == []


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        (Box(10, 10, 20, 20), Box(10, 10, 20, 20)),
        (Box(-10, -5, 20, 20), Box(0, 0, 10, 15)),
        (Box(90, 40, 20, 20), Box(90, 40, 10, 10)),
        (Box(120, 60, 5, 5), Box(100, 50, 0, 0)),
    ],
)
def test_boxes_are_clipped_to_the_picture(box: Box, clipped: Box) -> None:
    """Only the part within the picture is left."""
    assert clip(box, Size(100, 50)) == clipped
