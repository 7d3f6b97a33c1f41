"""From bytes to faces and crops."""

import numpy as np
import pytest

from mien_detector.errors import ImageError
from mien_detector.pipeline import FaceFinder
from mien_detector.types import Box, CropShape, ImageLimits, Selection, Size
from tests.fakes import pictures
from tests.fakes.detector import FakeDetector, draw_face

SELECTION = Selection(minimum_score=0.5, minimum_face_pixels=10, maximum_faces=10)
SHAPE = CropShape(48, 48, 3)


def make_finder(
    *,
    detection_side: int = 640,
    response_bytes: int = 1_000_000,
    selection: Selection = SELECTION,
    detector: FakeDetector | None = None,
) -> FaceFinder:
    return FaceFinder(
        detector or FakeDetector(),
        limits=ImageLimits(max_bytes=10_000_000, max_pixels=40_000_000),
        selection=selection,
        detection_side=detection_side,
        response_bytes=response_bytes,
    )


def picture(*boxes: Box, kind: str = "PNG", size: Size = Size(640, 480), turn: int = 1) -> bytes:  # noqa: B008 - a value
    image = np.zeros((size.height, size.width, 3), np.uint8)
    for box in boxes:
        draw_face(image, box)
    return pictures.encode(image[:, :, ::-1].copy(), kind, orientation=turn)


def test_faces_come_with_crops_of_the_shape() -> None:
    """Largest first, each crop full."""
    image = picture(Box(50, 50, 60, 75), Box(300, 100, 160, 200))
    findings = make_finder().find(image, SELECTION, SHAPE)
    assert findings.size == Size(640, 480)
    assert [face.face.box.width for face in findings.faces] == [160, 60]
    assert [len(face.crop) for face in findings.faces] == [SHAPE.size_bytes] * 2


def test_the_crop_shows_the_face() -> None:
    """The middle of the crop of a magenta face is magenta, in red, green, blue."""
    (found,) = make_finder().find(picture(Box(300, 100, 160, 200)), SELECTION, SHAPE).faces
    crop = np.frombuffer(found.crop, np.uint8).reshape(48, 48, 3)
    assert tuple(crop[24, 24]) == (255, 0, 255)


def test_without_a_shape_there_are_no_crops() -> None:
    """Boxes alone are cheaper."""
    (found,) = make_finder().find(picture(Box(300, 100, 160, 200)), SELECTION, None).faces
    assert found.crop == b""


def test_a_picture_without_faces_has_none() -> None:
    """That is an answer, not an error."""
    findings = make_finder().find(picture(), SELECTION, SHAPE)
    assert findings.faces == ()


def test_boxes_are_clipped_and_crops_are_not() -> None:
    """A face at the edge keeps its place in the crop."""
    image = picture(Box(0, 100, 160, 200))
    (found,) = make_finder().find(image, SELECTION, SHAPE).faces
    assert found.face.box.x == 0
    assert len(found.crop) == SHAPE.size_bytes


def test_faces_are_found_in_the_upright_picture() -> None:
    """A quarter turn in EXIF changes the places of the sides, and the boxes with them."""
    image = picture(Box(300, 100, 80, 120), kind="JPEG", turn=6)
    findings = make_finder().find(image, SELECTION, None)
    assert findings.size == Size(480, 640)
    box = findings.faces[0].face.box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((260, 300, 120, 80), abs=3)


def test_crops_are_cut_from_a_finer_picture_where_the_reduced_one_is_too_coarse() -> None:
    """Stripes that the eightfold reduction would wipe out are still in the crop."""
    image = np.zeros((1600, 2400, 3), np.uint8)
    draw_face(image, Box(1000, 600, 64, 80))
    image[600:680:4, 1000:1064] = (255, 60, 255)
    image[601:680:4, 1000:1064] = (255, 60, 255)
    data = pictures.encode(image[:, :, ::-1].copy(), "JPEG")
    (found,) = make_finder(detection_side=300).find(data, SELECTION, CropShape(72, 72, 3)).faces
    green = np.frombuffer(found.crop, np.uint8).reshape(72, 72, 3)[20:52, 36, 1]
    assert green.max() > 45
    assert green.min() < 15


def test_crops_that_fit_no_message_are_left_out_smallest_first() -> None:
    """The answer stays within the limit of a message, and the largest face is always there."""
    image = picture(Box(50, 50, 60, 75), Box(300, 100, 160, 200))
    one = make_finder(response_bytes=SHAPE.size_bytes).find(image, SELECTION, SHAPE)
    none = make_finder(response_bytes=1).find(image, SELECTION, SHAPE)
    assert [face.face.box.width for face in (*one.faces, *none.faces)] == [160, 160]


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_single_pixel_has_no_face(kind: str) -> None:
    """The smallest picture is answered like any other."""
    findings = make_finder().find(pictures.encode(pictures.gradient(1, 1), kind), SELECTION, SHAPE)
    assert findings.size == Size(1, 1)
    assert findings.faces == ()


def test_bad_pictures_are_errors() -> None:
    """Whatever is wrong with a picture comes out as an ImageError."""
    with pytest.raises(ImageError):
        make_finder().find(b"no picture", SELECTION, SHAPE)


def test_the_version_names_detector_weights_and_package() -> None:
    """A reader of a log can tell what detected."""
    version = make_finder().version
    assert version.startswith("fake-00000000-")
    assert version.endswith("-0.1.0")


def test_the_version_changes_with_everything_that_changes_answers() -> None:
    """Cached answers of another configuration must not be taken for this one's."""

    class Other(FakeDetector):
        fingerprint = "1" * 64

    class Newer(FakeDetector):
        engine = "fake 2"

    finders = [
        make_finder(),
        make_finder(detection_side=320),
        make_finder(response_bytes=5),
        make_finder(
            selection=Selection(minimum_score=0.6, minimum_face_pixels=10, maximum_faces=10)
        ),
        make_finder(detector=Other()),
        make_finder(detector=Newer()),
    ]
    assert len({finder.version for finder in finders}) == len(finders)
    assert make_finder().version == make_finder().version


def test_timings_are_given() -> None:
    """Every stage took some time."""
    timings = make_finder().find(picture(Box(300, 100, 160, 200)), SELECTION, SHAPE).timings
    assert timings.decode_ms > 0
    assert timings.detect_ms > 0
    assert timings.crop_ms > 0
