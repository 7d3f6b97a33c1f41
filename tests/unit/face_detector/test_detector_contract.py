"""What holds for every detector, the fake among them."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from mien_detector.detectors.factory import Detector
from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.types import Box, Image
from tests.fakes.detector import FakeDetector, draw_face


class Case(NamedTuple):
    """A detector, a picture with one face, and where that face lies."""

    detector: Detector
    picture: Image
    place: Box


PORTRAIT = Box(180, 62, 90, 115)


@pytest.fixture(scope="module", params=["yunet", "libfacedetection", "fake"])
def case(request: pytest.FixtureRequest, photo: bytes) -> Case:
    """Each detector in turn."""
    portrait = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert portrait is not None
    picture = np.asarray(portrait, np.uint8)
    if request.param == "yunet":
        return Case(request.getfixturevalue("yunet"), picture, PORTRAIT)
    if request.param == "libfacedetection":
        return Case(LibFaceDetection(), picture, PORTRAIT)
    drawn = np.zeros((512, 512, 3), np.uint8)
    draw_face(drawn, PORTRAIT)
    return Case(FakeDetector(), drawn, PORTRAIT)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def test_the_face_is_found_where_it_is(case: Case) -> None:
    """One face, in pixels of the picture, with a score of 0 to 1."""
    (face,) = case.detector.detect(case.picture, 0.6)
    assert overlap(face.box, case.place) > 0.75
    assert 0.6 <= face.score <= 1


def test_landmarks_lie_as_in_an_upright_face(case: Case) -> None:
    """Left is left for the viewer, eyes above nose above mouth, all in the box."""
    (face,) = case.detector.detect(case.picture, 0.6)
    marks = face.landmarks
    assert marks.left_eye.x < marks.nose.x < marks.right_eye.x
    assert marks.left_mouth.x < marks.right_mouth.x
    assert max(marks.left_eye.y, marks.right_eye.y) < marks.nose.y
    assert marks.nose.y < min(marks.left_mouth.y, marks.right_mouth.y)
    for point in marks.points:
        assert face.box.x < point.x < face.box.x + face.box.width
        assert face.box.y < point.y < face.box.y + face.box.height


def test_a_face_elsewhere_is_found_there(case: Case) -> None:
    """Moved by a number that fits no grid, it is seen moved by that number."""
    moved = np.zeros((300, 400, 3), np.uint8)
    moved[37:237, 101:271] = case.picture[40:240, 140:310]
    (face,) = case.detector.detect(moved, 0.6)
    expected = Box(case.place.x - 39, case.place.y - 3, case.place.width, case.place.height)
    assert overlap(face.box, expected) > 0.75


def test_the_minimum_score_is_a_minimum(case: Case) -> None:
    """Nobody is that sure."""
    assert case.detector.detect(case.picture, 1.0) == []


SIZES = [(1, 1), (1, 640), (640, 1), (31, 33), (192, 192), (640, 360)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_even_picture_of_any_size_has_no_face(case: Case, width: int, height: int) -> None:
    """No size is too small or too odd."""
    for value in (0, 128, 255):
        image = np.full((height, width, 3), value, np.uint8)
        assert case.detector.detect(image, 0.6) == []


def test_threads_do_not_disturb_each_other(case: Case) -> None:
    """Pictures of several sizes at once give what each gives alone."""
    images = [case.picture, case.picture[:400, :400].copy(), case.picture[40:300, 100:400].copy()]
    alone = [case.detector.detect(image, 0.6) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: case.detector.detect(image, 0.6), images * 4))
    assert together == alone * 4


def test_a_view_into_a_larger_picture_is_read_right(case: Case) -> None:
    """Rows need not follow each other in memory."""
    view = case.picture[:400, :400]
    assert case.detector.detect(view, 0.6) == case.detector.detect(view.copy(), 0.6)


def test_it_says_what_it_is(case: Case) -> None:
    """A name, a digest of its weights, and what computes."""
    assert case.detector.name
    assert len(bytes.fromhex(case.detector.fingerprint)) == 32
    assert case.detector.engine
