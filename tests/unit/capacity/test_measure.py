"""What measures: pictures that no cache knows, and CPU time that is put down to whom it belongs."""

import os
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mien_capacity.measure.load import cost
from mien_capacity.measure.pictures import HEIGHT, WIDTH, frames, same_faces
from mien_stack.usage import memory_mib

BURN_SECONDS = 0.02


def pixels(frame: bytes) -> np.ndarray:
    with Image.open(BytesIO(frame)) as picture:
        return np.asarray(picture)


def test_every_frame_differs_in_its_pixels() -> None:
    """A face that is known would cost nothing; other seeds give others again."""
    found = [*frames(2, 3, seed=1), *frames(2, 3, seed=2)]
    assert len(set(found)) == 6
    assert pixels(found[0]).shape == (HEIGHT, WIDTH, 3)
    assert len({pixels(frame).tobytes() for frame in found}) == 6


def test_the_same_faces_come_under_other_bytes() -> None:
    """What follows the picture's end is seen by the hash alone."""
    (frame,) = frames(1, 1, seed=1)
    others = list(same_faces(frame, 3))
    assert len({frame, *others}) == 4
    assert all(np.array_equal(pixels(frame), pixels(other)) for other in others)


def test_cpu_time_is_put_down_to_the_calls() -> None:
    """Each burns as much; waiting for the next one costs nothing, what is idle is taken off."""

    def burn(_: bytes) -> float:
        until = time.thread_time() + BURN_SECONDS
        while time.thread_time() < until:
            pass
        return BURN_SECONDS

    pids = {"me": os.getpid()}
    found = cost(burn, [b""] * 20, 20, pids, {"me": 0.0})
    assert found.requests == 20
    assert 1000 * BURN_SECONDS * 0.9 < found.cpu_ms["me"] < 1000 * BURN_SECONDS * 2
    assert found.median_ms == pytest.approx(1000 * BURN_SECONDS)
    idle = cost(burn, [b""] * 20, 20, pids, {"me": 0.3})
    assert idle.cpu_ms["me"] < found.cpu_ms["me"] * 0.7


def test_memory_counts_what_is_there() -> None:
    """This very process has some."""
    assert 20 < memory_mib(os.getpid()) < 5000
