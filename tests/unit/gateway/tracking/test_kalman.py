"""The filter follows what moves."""

import random

import pytest

from mien_gateway.domain import Box
from mien_gateway.tracking.kalman import BoxMotion


def walking(seconds: float) -> Box:
    """A face that walks to the right at 120 pixels a second."""
    return Box(50 + 120 * seconds, 80, 60, 75)


@pytest.mark.parametrize("rate", [5, 12, 30])
def test_a_steady_walk_is_foreseen(rate: int) -> None:
    """After one second, at any frame rate, to within a twentieth of the face."""
    motion = BoxMotion(walking(0))
    for frame in range(1, rate + 1):
        motion.predict(1 / rate)
        motion.update(walking(frame / rate))
    motion.predict(1 / rate)
    expected = walking(1 + 1 / rate)
    assert motion.box.x == pytest.approx(expected.x, abs=3)
    assert motion.box.y == pytest.approx(expected.y, abs=3)
    assert motion.box.width == pytest.approx(expected.width, abs=3)


def test_a_still_face_is_seen_stiller_than_it_is_measured() -> None:
    """Noise of the detector is taken out."""
    rng = random.Random(0)
    motion = BoxMotion(Box(100, 100, 80, 100))
    measured, filtered = [], []
    for _ in range(300):
        x = 100 + rng.gauss(0, 4)
        motion.predict(1 / 30)
        motion.update(Box(x, 100, 80, 100))
        measured.append(abs(x - 100))
        filtered.append(abs(motion.box.x - 100))
    assert sum(filtered[30:]) < 0.7 * sum(measured[30:])


def test_a_box_never_vanishes() -> None:
    """However fast it shrank before it was lost."""
    motion = BoxMotion(Box(0, 0, 50, 50))
    for size in (40, 30, 20, 10):
        motion.predict(0.1)
        motion.update(Box(0, 0, size, size))
    motion.predict(5)
    assert motion.box.width >= 1
    assert motion.box.height >= 1
