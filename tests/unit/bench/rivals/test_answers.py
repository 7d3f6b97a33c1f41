"""Answers: read, checked, compared."""

from typing import Any

import pytest

from mien_bench.errors import BenchError, WrongAnswerError
from mien_bench.rivals.answers import Face, compare, faces_of, overlap, read
from mien_bench.rivals.checking import refuse_others
from mien_bench.rivals.systems import SYSTEMS

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def distribution(happy: float) -> dict[str, float]:
    return {label: happy if label == "happy" else (1 - happy) / 6 for label in LABELS}


def document(**changed: Any) -> dict[str, Any]:
    face = {
        "box": {"x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0},
        "probabilities": distribution(0.9),
    }
    return {"faces": [face | changed]}


def faces(*places: float, happy: float = 0.9) -> list[Face]:
    return [Face((x, 0.0, 10.0, 10.0), distribution(happy)) for x in places]


def test_a_right_answer_is_read() -> None:
    (face,) = faces_of(document(), 1e-3)
    assert face.box == (10.0, 20.0, 30.0, 40.0)
    assert face.label == "happy"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"faces": 1}', b"<html>"])
def test_what_lists_no_faces_is_refused(body: bytes) -> None:
    with pytest.raises(WrongAnswerError):
        read(body)


@pytest.mark.parametrize(
    "probabilities",
    [
        None,
        {"happy": 1.0},
        dict.fromkeys(LABELS, 0.2),
        distribution(0.9) | {"happy": -0.1, "sad": 1.0166666666666666},
        dict.fromkeys(LABELS, float("nan")),
    ],
)
def test_what_is_no_distribution_is_refused(probabilities: object) -> None:
    with pytest.raises(WrongAnswerError):
        faces_of(document(probabilities=probabilities), 1e-3)


def test_rounded_probabilities_pass_where_they_may() -> None:
    rounded = document(probabilities=distribution(0.9) | {"sad": 0.03})
    assert faces_of(rounded, 0.04)
    with pytest.raises(WrongAnswerError):
        faces_of(rounded, 1e-3)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (20, 0, 10, 10)) == 0


def test_faces_are_matched_by_place_in_any_order() -> None:
    found = compare(faces(51, 1), faces(0, 50))
    assert (found.faces, found.expected, found.matched, found.same_labels) == (2, 2, 2, 2)
    assert found.overlap == pytest.approx(9 / 11)
    assert found.difference == 0


def test_the_same_code_must_give_the_same_numbers() -> None:
    system = SYSTEMS["litserve-mien"]
    refuse_others(system, "one-face", compare(faces(0, happy=0.9005), faces(0)))
    with pytest.raises(BenchError, match="LitServe, our detection answers one-face otherwise"):
        refuse_others(system, "one-face", compare(faces(0, happy=0.905), faces(0)))


@pytest.mark.parametrize(
    "answered",
    [faces(0), faces(0, 50, 100), faces(0, 200), faces(0, 50, happy=0.05)],
    ids=["one too few", "one too many", "elsewhere", "another label"],
)
def test_other_faces_than_mien_s_are_refused(answered: list[Face]) -> None:
    with pytest.raises(BenchError):
        refuse_others(SYSTEMS["thesis"], "ten-faces", compare(answered, faces(0, 50)))


def test_who_has_a_detector_of_its_own_may_see_other_faces() -> None:
    refuse_others(SYSTEMS["fer"], "ten-faces", compare(faces(0), faces(0, 50)))
