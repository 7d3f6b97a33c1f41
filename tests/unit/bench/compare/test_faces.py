"""Faces that are sent once."""

from itertools import islice

from mien_bench.compare.faces import checked_faces, messages
from mien_bench.compare.pairs import Pair
from mien_models.registry import InputShape


def test_no_face_comes_twice(pair: Pair) -> None:
    """Not within a message and not between them."""
    size = pair.model.input.size_bytes
    joined = b"".join(islice(messages(16, pair.model.input), 500))
    assert len(joined) == 500 * 16 * size
    assert len({joined[start : start + size] for start in range(0, len(joined), size)}) == 8000


def test_faces_have_the_models_shape() -> None:
    """Also where blots of eight pixels do not fit, and in colour."""
    shape = InputShape(height=20, width=30, channels=3)
    assert checked_faces(shape).shape == (8, 20, 30, 3)
    assert (checked_faces(shape) == checked_faces(shape)).all()
