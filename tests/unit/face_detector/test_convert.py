"""Requests are read strictly, answers written completely."""

import pytest
from mien.v1 import face_detector_pb2 as pb

from mien_detector.errors import RequestError
from mien_detector.transport.convert import read_selection, read_shape, write_findings
from mien_detector.types import Box, CropShape, Findings, FoundFace, Selection, Size, Timings
from tests.fakes.detector import face_of

DEFAULT = Selection(minimum_score=0.5, minimum_face_pixels=20, maximum_faces=10)


def test_what_is_not_set_is_as_the_service_has_it() -> None:
    """An empty request is a whole one."""
    assert read_selection(pb.DetectRequest(), DEFAULT) == DEFAULT


def test_what_is_set_holds() -> None:
    """Also where it is looser than the default, and where it is zero."""
    request = pb.DetectRequest(minimum_score=0.25, minimum_face_pixels=0, maximum_faces=3)
    wanted = Selection(minimum_score=0.25, minimum_face_pixels=0, maximum_faces=3)
    assert read_selection(request, DEFAULT) == wanted


def test_nobody_gets_more_faces_than_the_service_gives() -> None:
    """The setting is also the ceiling."""
    assert read_selection(pb.DetectRequest(maximum_faces=99), DEFAULT).maximum_faces == 10


@pytest.mark.parametrize("score", [0.0, -0.1, 1.5, float("nan")])
def test_a_score_out_of_range_is_refused(score: float) -> None:
    """The message says which option, and what is allowed."""
    with pytest.raises(RequestError, match=r"minimum_score is .*, it must be above 0"):
        read_selection(pb.DetectRequest(minimum_score=score), DEFAULT)


def test_no_face_at_all_cannot_be_asked_for() -> None:
    """That is a mistake of the caller's."""
    with pytest.raises(RequestError, match="maximum_faces is 0"):
        read_selection(pb.DetectRequest(maximum_faces=0), DEFAULT)


def test_without_a_shape_none_is_read() -> None:
    """Not even a default one."""
    assert read_shape(pb.DetectRequest()) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_a_shape_is_read(channels: int) -> None:
    """Height comes first."""
    request = pb.DetectRequest(crop=pb.CropShape(height=1024, width=1, channels=channels))
    assert read_shape(request) == CropShape(1024, 1, channels)


@pytest.mark.parametrize(
    ("crop", "fault"),
    [
        (pb.CropShape(), "crop.height is 0"),
        (pb.CropShape(height=48, channels=1), "crop.width is 0"),
        (pb.CropShape(height=1025, width=48, channels=1), "crop.height is 1025"),
        (pb.CropShape(height=48, width=48), "crop.channels is 0"),
        (pb.CropShape(height=48, width=48, channels=4), "crop.channels is 4"),
    ],
)
def test_impossible_shapes_are_refused(crop: pb.CropShape, fault: str) -> None:
    """The message names the side and the number."""
    with pytest.raises(RequestError, match=fault):
        read_shape(pb.DetectRequest(crop=crop))


def test_an_answer_holds_everything_found() -> None:
    """Size, boxes, landmarks, score, crop, detector, timings."""
    face = face_of(Box(10, 20, 100, 200), 0.75)
    findings = Findings(
        size=Size(640, 480),
        faces=(FoundFace(face, b"crop"),),
        timings=Timings(decode_ms=1, detect_ms=2, crop_ms=3),
    )
    info = pb.DetectorInfo(name="fake", version="1")
    answer = write_findings(findings, info)
    assert answer.image == pb.ImageSize(width=640, height=480)
    assert answer.detector == info
    assert answer.timings == pb.DetectTimings(decode_ms=1, detect_ms=2, crop_ms=3)
    (found,) = answer.faces
    assert found.box == pb.Box(x=10, y=20, width=100, height=200)
    assert (found.score, found.crop) == (0.75, b"crop")
    for name in ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth"):
        point, expected = getattr(found.landmarks, name), getattr(face.landmarks, name)
        assert (point.x, point.y) == pytest.approx((expected.x, expected.y))
