"""A right answer passes; one that is wrong in any way is told from it."""

import json
from typing import Any

import pytest

from mien_loadtests.answers import WrongAnswerError, check_faces, check_frame, check_rest

MODEL = "fer2013-squeezenet-pytorch"
FACE = {"probabilities": {"happy": 0.9, "sad": 0.1}}


def rest(**changes: Any) -> bytes:
    answer = {"model": {"name": MODEL, "version": 1}, "cache": "bypass", "faces": [FACE]}
    return json.dumps(answer | changes).encode()


def test_a_right_answer_passes() -> None:
    """As the gateway gives it."""
    check_rest(rest(), MODEL)
    check_frame(json.dumps({"type": "result", "frame": 3, "faces": [FACE]}), 3)
    check_faces([[0.25, 0.25, 0.5004]])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rest(faces=[]), "number of faces is 0"),
        (rest(faces=[FACE, FACE]), "number of faces is 2"),
        (rest(faces=None), "the faces are not"),
        (rest(faces=[{}]), "the faces are not"),
        (rest(faces=[{"probabilities": {}}]), "sum to 0"),
        (rest(faces=[{"probabilities": {"happy": 0.9, "sad": 0.2}}]), "sum to 1.1"),
        (rest(faces=[{"probabilities": {"happy": 1.5, "sad": -0.5}}]), "sum to 1"),
        (rest(model={"name": "fer2013-squeezenet-tensorflow"}), "the model is"),
        (rest(cache="hit"), "the cache is 'hit'"),
        (b"<html>", "no JSON"),
        (b"[]", "no JSON object"),
    ],
)
def test_a_wrong_answer_is_told(body: bytes, why: str) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(WrongAnswerError, match=why):
        check_rest(body, MODEL)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "error", "code": "overloaded"},
        {"type": "result", "frame": 2, "faces": [FACE]},
        {"type": "result", "frame": 3, "faces": []},
    ],
)
def test_a_wrong_result_of_a_stream_is_told(message: dict[str, Any]) -> None:
    """An error, another frame's answer, no face."""
    with pytest.raises(WrongAnswerError):
        check_frame(json.dumps(message), 3)
