"""Deadlines, slots, first bytes, request ids and probabilities."""

import math
from array import array

import pytest

from mien_gateway.clients.model_server import read_probabilities
from mien_gateway.domain import Deadline, check_image
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    EmptyImageError,
    ImageTooLargeError,
    OverloadedError,
    UnknownModelError,
    UnsupportedMediaTypeError,
)
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.telemetry.logging import accept_or_make


def test_a_deadline_gives_what_is_left() -> None:
    """Each hop has less time than the one before."""
    deadline = Deadline.after(10)
    first, second = deadline.budget("one"), deadline.budget("two")
    assert 10 >= first > second > 9


def test_a_deadline_that_has_passed_says_what_was_waited_for() -> None:
    """No hop is started without time for it."""
    with pytest.raises(DeadlineExceededError, match="the face detector"):
        Deadline.after(0).budget("the face detector")


def test_a_full_limit_refuses_at_once_and_admits_again() -> None:
    """There is no queue, and a failure inside gives its place back."""
    limit = FairLimit(1)
    with limit.reserve("a", 1):
        for caller in ("a", "b"):
            with pytest.raises(OverloadedError):
                limit.reserve(caller, 1)
        assert limit.taken == 1
    with pytest.raises(EmptyImageError), limit.reserve("a", 1):
        raise EmptyImageError
    assert limit.taken == 0


def test_a_caller_cannot_take_everything() -> None:
    """Half is one caller's at most; the other half is there for others, and no more than that."""
    limit = FairLimit(100, 0.5)
    with limit.reserve("alice", 30), limit.reserve("alice", 20):
        with pytest.raises(OverloadedError):
            limit.reserve("alice", 1)
        with limit.reserve("bob", 10) as growing:
            growing.add(30)
            with pytest.raises(OverloadedError):
                limit.reserve("carol", 11)
            assert limit.taken == 90
    assert limit.taken == 0
    with limit.reserve("alice", 50):
        assert limit.taken == 50


def test_what_is_larger_than_the_limit_goes_alone() -> None:
    """Else it would be refused for ever."""
    limit = FairLimit(100, 0.5)
    with limit.reserve("alice", 80) as alone:
        alone.add(80)
        with pytest.raises(OverloadedError):
            limit.reserve("bob", 1)
    with limit.reserve("bob", 1), pytest.raises(OverloadedError):
        limit.reserve("alice", 100)


@pytest.mark.parametrize(
    "start",
    [b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 ", b"BM\x10\0"],
    ids=["JPEG", "PNG", "WebP", "BMP"],
)
def test_known_formats_pass(start: bytes) -> None:
    """By their first bytes, whatever they are called."""
    check_image(start + b"rest", 100)


@pytest.mark.parametrize(
    "image",
    [b"hello", b"GIF89a", b"RIFF\x10\0\0\0WAVE", b"<svg/>", b"\xff\xd8", b"II*\0"],
)
def test_other_bytes_are_refused(image: bytes) -> None:
    """Text, GIF, sound, SVG, too little, TIFF."""
    with pytest.raises(UnsupportedMediaTypeError):
        check_image(image, 100)


def test_the_size_limit_is_exact() -> None:
    """As many bytes as allowed pass, one more does not, none is an error of its own."""
    check_image(b"BM" + b"." * 8, 10)
    with pytest.raises(ImageTooLargeError, match="10 bytes"):
        check_image(b"BM" + b"." * 9, 10)
    with pytest.raises(EmptyImageError):
        check_image(b"", 10)


def test_a_callers_sane_id_is_kept() -> None:
    """So that he finds his request in our logs."""
    assert accept_or_make("abc-123.X_y:z") == "abc-123.X_y:z"


@pytest.mark.parametrize("given", [None, "", "a b", "a\nb", "é", "x" * 129, '"'])
def test_any_other_id_is_replaced(given: str | None) -> None:
    """Nothing strange gets into a header or a log line."""
    made = accept_or_make(given)
    assert made != given
    assert len(made) == 32


def test_a_long_unknown_name_is_not_echoed_whole() -> None:
    """An answer does not grow with what was sent."""
    assert len(UnknownModelError("x" * 10_000, ("one",)).detail) < 200


def raw(*values: float) -> bytes:
    return array("f", values).tobytes()


def read(data: bytes, faces: int = 2, classes: int = 2) -> list[tuple[float, ...]]:
    predictions = read_probabilities(data, faces=faces, classes=classes, server="s", served_by="s")
    return [prediction.probabilities for prediction in predictions]


def test_probabilities_are_read_face_by_face() -> None:
    """In the order of the faces, little-endian."""
    assert read(raw(0.25, 0.75, 1, 0)) == [(0.25, 0.75), (1, 0)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        raw(0.5, 0.5),
        raw(0.5, 0.5, 0.5, 0.5)[:-1],
        raw(0.5, 0.5, 0.5, 0.4),
        raw(0.5, 0.5, 1.5, -0.5),
        raw(0.5, 0.5, 1.005, -0.005),
        raw(0.5, 0.5, math.nan, 1),
        raw(0.5, 0.5, math.inf, 0),
    ],
    ids=["nothing", "too few", "cut", "sum", "range", "negative", "NaN", "infinite"],
)
def test_what_is_no_distribution_is_a_bad_answer(data: bytes) -> None:
    """A wrong number never reaches a caller as a probability."""
    with pytest.raises(BadModelAnswerError):
        read(data)
