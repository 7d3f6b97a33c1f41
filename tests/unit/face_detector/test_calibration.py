"""The built-in median face is FER2013's, and crops look like what a model was trained on."""

import cv2
import numpy as np
import pytest

from mien_detector.alignment import MEDIAN_FACE, Frame, place_frame
from mien_detector.calibrate import lay_on_grey, read_faces, see, summarise
from mien_detector.crop import cut
from mien_detector.detectors.yunet import YuNet
from mien_detector.types import CropShape, Point
from tests.unit.face_detector.conftest import SHARED

DATA = SHARED / "data"
SHAPE = CropShape(48, 48, 1)

needs_data = pytest.mark.skipif(
    not (DATA / "fer2013-0.png").is_file(), reason=f"{DATA} is absent: FER2013 cannot be measured"
)


@needs_data
def test_the_built_in_face_is_what_is_measured(yunet: YuNet) -> None:
    """Medians of another sample lie within 3 % of a frame's side, the turn within 3 degrees."""
    seen = list(see(yunet, read_faces(DATA, 120, seed=7)))
    assert len(seen) > 400
    found = {name: quantiles.median for name, quantiles in summarise(seen).items()}
    turn = found.pop("turn")
    built_in = summarise([MEDIAN_FACE])
    assert abs(turn) < 3
    assert found == {name: pytest.approx(built_in[name].median, abs=0.03) for name in found}


@needs_data
def test_crops_of_training_faces_are_close_to_the_faces(yunet: YuNet) -> None:
    """The service's frames lie over the training frames, and so do the crops' pixels.

    Measured on three samples: 32 to 33 grey levels; two unrelated faces differ by 70.
    """
    sides, shifts, differences = [], [], []
    for face in read_faces(DATA, 150, seed=8):
        picture, place = lay_on_grey(face, 3)
        found = yunet.detect(picture, 0.7)
        if len(found) != 1:
            continue
        frame = place_frame(found[0])
        middle = Point(place.x + place.width / 2, place.y + place.height / 2)
        sides.append(frame.side / place.width)
        shifts.append((frame.centre.x - middle.x, frame.centre.y - middle.y))
        crop = np.frombuffer(cut(picture, 1, frame, SHAPE), np.uint8).reshape(48, 48)
        differences.append(np.abs(crop.astype(int) - face).mean())
    assert np.median(sides) == pytest.approx(1, abs=0.04)
    assert np.median(shifts, axis=0) / place.width == pytest.approx((0, 0), abs=0.02)
    assert np.median(differences) < 36


@needs_data
def test_a_known_frame_gives_the_face_back() -> None:
    """Cutting alone, without a detector's error, changes a face by two grey levels."""
    differences = []
    for face in read_faces(DATA, 50, seed=9):
        picture, place = lay_on_grey(face, 4)
        middle = Point(place.x + place.width / 2, place.y + place.height / 2)
        crop = cut(picture, 1, Frame(middle, place.width, 0), SHAPE)
        flat = np.frombuffer(crop, np.uint8).reshape(48, 48)
        differences.append(np.abs(flat.astype(int) - face).mean())
    assert np.mean(differences) < 2


def test_a_portrait_is_cropped_like_a_training_face(yunet: YuNet, photo: bytes) -> None:
    """In the crop of the sample photo the eyes lie where FER2013's lie."""
    image = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    portrait = np.asarray(image, np.uint8)
    frame = place_frame(yunet.detect(portrait, 0.6)[0])
    crop = np.frombuffer(cut(portrait, 1, frame, CropShape(192, 192, 3)), np.uint8)
    around = np.full((384, 384, 3), 128, np.uint8)
    around[96:288, 96:288] = crop.reshape(192, 192, 3)[:, :, ::-1]
    (seen,) = yunet.detect(around, 0.6)
    eyes = (seen.landmarks.left_eye, seen.landmarks.right_eye)
    usual = (MEDIAN_FACE.landmarks.left_eye, MEDIAN_FACE.landmarks.right_eye)
    for eye, expected in zip(eyes, usual, strict=True):
        assert (eye.x - 96) / 192 == pytest.approx(expected.x, abs=0.06)
        assert (eye.y - 96) / 192 == pytest.approx(expected.y, abs=0.06)
