"""Noise makes another picture of every number, with the faces still in it."""

import random
from itertools import islice

import cv2
import numpy as np
import pytest

from mien_loadtests.noise import VARIANTS, noisy, numbers
from mien_loadtests.photos import FACES, photo

# In the frame `one-face`: x, y, and the sides.
FACE = (slice(50, 130), slice(265, 330))
every = pytest.mark.parametrize("name", FACES)


def crop(jpeg: bytes) -> bytes:
    """The face, grey and as small as a model wants it."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return cv2.resize(pixels[FACE], (48, 48), interpolation=cv2.INTER_AREA).tobytes()


def pixels(jpeg: bytes) -> np.ndarray:
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return found.astype(int)


@every
def test_numbers_in_a_row_differ_in_pixels(name: str) -> None:
    """A user counts on."""
    data = photo(name).data
    start = random.randrange(VARIANTS)
    decoded = {
        pixels(noisy(data, number % VARIANTS)).tobytes() for number in range(start, start + 50)
    }
    assert len(decoded) == 50


def test_numbers_differ_where_the_model_looks() -> None:
    """In the face's crop, which has a cache of its own, in a row and in every single entry."""
    data = photo("one-face").data
    single = [step * 3**entry for entry in range(30) for step in (1, 2)]
    drawn = [random.randrange(VARIANTS) for _ in range(50)]
    asked = {0, *range(100), *single, *drawn, VARIANTS - 1}
    assert len({crop(noisy(data, number)) for number in asked}) == len(asked)


@every
def test_noise_is_faint(name: str) -> None:
    """A few shades: the file keeps its length, and the picture its look."""
    data = photo(name).data
    plain = pixels(data)
    for number in (1, VARIANTS // 2, VARIANTS - 1):
        changed = noisy(data, number)
        assert len(changed) == len(data)
        assert 0 < np.abs(pixels(changed) - plain).mean() < 5


def test_no_noise_is_the_picture_itself() -> None:
    """Number 0."""
    data = photo("one-face").data
    assert noisy(data, 0) == data


@pytest.mark.parametrize("value", [1, 2, 254, 255])
def test_all_steps_differ_at_the_ends_of_the_table(value: int) -> None:
    """An entry holds 1 to 255; a picture of the best quality is full of ones."""
    table = b"\xff\xdb\x00\x43\x00" + bytes([value] * 64)
    jpeg = b"\xff\xd8" + table
    found = {noisy(jpeg, number) for number in range(27)}
    assert len(found) == 27
    assert all(entry >= 1 for one in found for entry in one[7:])


@pytest.mark.parametrize("number", [-1, VARIANTS])
def test_a_number_that_has_no_noise_is_refused(number: int) -> None:
    """Rather than repeat what was sent before."""
    with pytest.raises(ValueError, match="no such noise"):
        noisy(photo("one-face").data, number)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", b"\xff\xd8", b"\xff\xd8\xff\xdb\x00\x43"])
def test_what_is_no_jpeg_is_refused(data: bytes) -> None:
    """Nothing could be changed in it."""
    with pytest.raises(ValueError, match="no JPEG"):
        noisy(data, 1)


def test_users_do_not_meet() -> None:
    """A thousand of them, with a hundred numbers each."""
    seen = [number for _ in range(1000) for number in islice(numbers(), 100)]
    assert len(set(seen)) == len(seen)
    assert all(0 <= number < VARIANTS for number in seen)
