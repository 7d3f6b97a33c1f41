"""Every picture has the faces that it says, under any noise, for every detector there is."""

import io
import random
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from mien_detector.detectors.factory import Detector
from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.detectors.yunet import YuNet
from mien_detector.pipeline import search
from mien_detector.types import Selection, Size
from mien_loadtests.draw import PICTURES
from mien_loadtests.noise import VARIANTS, noisy
from mien_loadtests.photos import FACES, photo
from mien_stack.sample_photo import sample_photo
from tests.running_system import YUNET_DIR

# The detector's own, and that of live streams.
SCORES = (0.6, 0.3)
SIDE = 640
every = pytest.mark.parametrize("name", FACES)


@pytest.fixture(params=["libfacedetection", "yunet"], scope="module")
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    """Each detector; YuNet where its file is there."""
    if request.param == "libfacedetection":
        yield LibFaceDetection()
        return
    files = sorted(YUNET_DIR.glob("yunet*.onnx"))
    if not files:
        pytest.skip(f"YuNet's file is not in {YUNET_DIR}")
    yield YuNet(files[0])


@every
def test_the_faces_are_found(name: str, detector: Detector) -> None:
    """As it is and under noise, by plain requests and by streams."""
    data = photo(name).data
    for number in (0, 1, VARIANTS - 1, *(random.randrange(VARIANTS) for _ in range(5))):
        pixels = cv2.imdecode(np.frombuffer(noisy(data, number), np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        image = np.asarray(pixels, np.uint8)
        size = Size(image.shape[1], image.shape[0])
        for score in SCORES:
            wanted = Selection(minimum_score=score, minimum_face_pixels=20, maximum_faces=100)
            found = search(detector, image, size, SIDE, wanted)
            assert len(found) == FACES[name], f"noise {number}, score {score}"


@every
def test_it_is_what_the_program_draws(name: str) -> None:
    """Another Pillow may round otherwise; nothing more than that."""
    drawn = PICTURES[name](Image.open(io.BytesIO(sample_photo())).convert("RGB"))
    kept = Image.open(io.BytesIO(photo(name).data))
    assert kept.size == drawn.size
    difference = ImageStat.Stat(ImageChops.difference(kept.convert("RGB"), drawn))
    assert max(difference.mean) < 4  # the JPEG's own loss


def test_there_is_no_other_picture() -> None:
    """A name that is wrong is no picture with some number of faces."""
    assert FACES.keys() == PICTURES.keys()
    with pytest.raises(KeyError):
        photo("eleven-faces")
