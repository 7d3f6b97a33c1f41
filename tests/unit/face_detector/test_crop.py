"""Crops show exactly the frame, in the shape asked for."""

import numpy as np
import numpy.typing as npt
import pytest

from mien_detector.alignment import Frame
from mien_detector.crop import cut, pixels_per_crop_pixel
from mien_detector.types import CropShape, Point

GREY = CropShape(48, 48, 1)
COLOUR = CropShape(48, 48, 3)


def noise(height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def pixels(crop: bytes, shape: CropShape) -> npt.NDArray[np.uint8]:
    flat = np.frombuffer(crop, np.uint8)
    return flat.reshape(shape.height, shape.width, shape.channels)


def test_a_frame_of_the_crop_s_size_gives_the_very_pixels() -> None:
    """Nothing is moved by half a pixel, and red comes first."""
    image = noise(100, 120)
    crop = cut(image, 1, Frame(Point(60, 50), 48, 0), COLOUR)
    assert (pixels(crop, COLOUR) == image[26:74, 36:84, ::-1]).all()


def test_a_larger_frame_is_averaged_over_areas() -> None:
    """Each pixel of the crop is the mean of the pixels under it."""
    image = noise(300, 300)
    crop = cut(image, 1, Frame(Point(150, 150), 48 * 4, 0), COLOUR)
    under = image[54:246, 54:246, ::-1].reshape(48, 4, 48, 4, 3).mean(axis=(1, 3))
    assert np.abs(pixels(crop, COLOUR) - under).max() <= 1


def test_fine_detail_becomes_grey_not_noise() -> None:
    """A chequerboard far finer than the crop is even in it."""
    board = (np.indices((960, 960)).sum(axis=0) % 2 * 255).astype(np.uint8)
    image = np.repeat(board[:, :, None], 3, axis=2)
    crop = pixels(cut(image, 1, Frame(Point(480, 480), 700, 7), GREY), GREY)
    assert crop.std() < 12
    assert 120 < crop.mean() < 135


def test_a_reduced_picture_gives_the_crop_of_the_full_one() -> None:
    """The frame is in pixels of the picture, whatever the picture was reduced by."""
    image = noise(400, 400)
    reduced = image.reshape(100, 4, 100, 4, 3).mean(axis=(1, 3)).astype(np.uint8)
    frame = Frame(Point(200, 196), 48 * 4, 0)
    full = pixels(cut(image, 1, frame, GREY), GREY)
    small = pixels(cut(reduced, 4, frame, GREY), GREY)
    assert np.abs(full.astype(int) - small).max() <= 2


def test_a_turned_frame_is_cut_upright() -> None:
    """A quarter turn clockwise of the frame turns the crop back."""
    image = noise(100, 100)
    crop = cut(image, 1, Frame(Point(50, 50), 48, 90), COLOUR)
    expected = np.rot90(image[26:74, 26:74, ::-1])
    assert (pixels(crop, COLOUR) == expected).all()


def test_grey_is_weighted_as_the_eye_weighs() -> None:
    """Pure green is brighter than pure blue."""
    image = np.zeros((48, 96, 3), np.uint8)
    image[:, :48, 1] = 255
    image[:, 48:, 0] = 255
    green, blue = (
        pixels(cut(image, 1, Frame(Point(x, 24), 48, 0), GREY), GREY)[24, 24, 0] for x in (24, 72)
    )
    assert (green, blue) == (150, 29)


def test_outside_the_picture_its_edge_goes_on() -> None:
    """No black bars, which training faces do not have."""
    image = np.full((50, 50, 3), 200, np.uint8)
    crop = cut(image, 1, Frame(Point(0, 0), 48, 20), GREY)
    assert (pixels(crop, GREY) == 200).all()


@pytest.mark.parametrize("shape", [CropShape(1, 1, 3), CropShape(64, 32, 1), CropShape(7, 1024, 3)])
def test_every_shape_is_filled(shape: CropShape) -> None:
    """The bytes are exactly as many as the shape says."""
    assert len(cut(noise(60, 60), 1, Frame(Point(30, 30), 20, 3), shape)) == shape.size_bytes


def test_a_longer_side_shows_more_of_the_picture() -> None:
    """The frame fills the shorter side, and nothing is stretched."""
    image = noise(200, 200)
    crop = cut(image, 1, Frame(Point(100, 100), 48, 0), CropShape(96, 48, 3))
    assert (pixels(crop, CropShape(96, 48, 3)) == image[52:148, 76:124, ::-1]).all()


def test_the_scale_is_reckoned_on_the_shorter_side() -> None:
    """It says how fine the picture must be decoded."""
    assert pixels_per_crop_pixel(Frame(Point(0, 0), 96, 0), CropShape(48, 64, 1)) == 2
