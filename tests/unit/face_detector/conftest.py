"""What the face-detector's tests share: limits, the data beside the repository, real detectors."""

from pathlib import Path

import pytest

from mien_detector.detectors.model_file import FILE_NAME
from mien_detector.detectors.yunet import YuNet
from mien_detector.types import ImageLimits
from tests.fakes.pictures import SAMPLE

SHARED = Path(__file__).parents[4] / "shared"


@pytest.fixture
def limits() -> ImageLimits:
    """The limits that hold by default."""
    return ImageLimits(max_bytes=10_000_000, max_pixels=40_000_000)


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG portrait with one face."""
    return SAMPLE.read_bytes()


@pytest.fixture(scope="session")
def yunet_file() -> Path:
    """YuNet's file; the tests that need it skip where it is absent."""
    path = SHARED / "models" / FILE_NAME
    if not path.is_file():
        pytest.skip(f"{path} is absent: YuNet cannot be tested")
    return path


@pytest.fixture(scope="session")
def yunet(yunet_file: Path) -> YuNet:
    """The real YuNet."""
    return YuNet(yunet_file)
