"""Fine detail, measured on crops."""

import cv2
import numpy as np
import pytest

from mien_detector.crop import sharpness
from mien_detector.types import CropShape, Image


def detailed(side: int, channels: int) -> Image:
    """A crop with detail of every size: uint8 [side, side, channels]."""
    rng = np.random.default_rng(0)
    layers = [
        cv2.resize(rng.uniform(0, 1, (size, size)), (side, side), interpolation=cv2.INTER_LINEAR)
        for size in (3, 6, 12, 24, 48)
    ]
    grey = np.sum(layers, axis=0) / len(layers) * 255
    return np.repeat(grey[..., None].astype(np.uint8), channels, axis=2)


def measured(image: Image) -> float:
    """The sharpness of a crop."""
    height, width, channels = image.shape
    return sharpness(image.tobytes(), CropShape(height, width, channels))


@pytest.mark.parametrize(("side", "channels"), [(48, 1), (48, 3), (96, 1), (224, 3)])
def test_blur_takes_sharpness_away(side: int, channels: int) -> None:
    """The more the less, whatever the shape of the crop."""
    sharp = detailed(side, channels)
    blurs = [cv2.GaussianBlur(sharp, (0, 0), sigma * side / 48) for sigma in (1, 2, 3)]
    found = [measured(np.asarray(image).reshape(sharp.shape)) for image in (sharp, *blurs)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 10 * found[2]


def test_contrast_changes_it_little() -> None:
    """A dim face is not a blurred one."""
    sharp = detailed(48, 1)
    dim = (sharp * 0.4 + 20).astype(np.uint8)
    assert measured(dim) == pytest.approx(measured(sharp), rel=0.15)


def test_a_flat_crop_has_none() -> None:
    """And nothing is divided by nothing."""
    assert measured(np.full((48, 48, 1), 128, np.uint8)) == 0
