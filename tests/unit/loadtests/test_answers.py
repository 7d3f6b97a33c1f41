"""A right answer passes; one that is wrong in any way is told from it, by every protocol."""

import json
from typing import Any

import pytest
from mien.v1 import emotion_pb2 as pb

from mien_loadtests.answers import (
    Answer,
    Expected,
    WrongAnswerError,
    answer_of_json,
    answer_of_message,
    check,
)

MODEL = "fer2013-squeezenet-pytorch"
FACE = {"probabilities": {"happy": 0.9, "sad": 0.1}}
EXPECTED = Expected(MODEL, faces=1, cache="miss")


def rest(**changes: Any) -> bytes:
    answer = {"model": {"name": MODEL, "version": 1}, "cache": "miss", "faces": [FACE]}
    return json.dumps(answer | changes).encode()


def message(*faces: list[float], cache: str = "MISS") -> pb.AnalyzeResponse:
    return pb.AnalyzeResponse(
        model=pb.ModelRef(name=MODEL),
        cache=pb.CacheStatus.Value(f"CACHE_STATUS_{cache}"),
        faces=[
            pb.Face(expressions=[pb.Expression(label="l", probability=one) for one in face])
            for face in faces
        ],
    )


def test_a_right_answer_passes() -> None:
    """As the gateway gives it: rounded in JSON, as float32 over gRPC."""
    check(answer_of_json(rest()), EXPECTED)
    check(answer_of_json(rest(faces=[])), Expected(MODEL, faces=0, cache="miss"))
    check(answer_of_message(message([0.25, 0.25, 0.5004])), EXPECTED)
    check(answer_of_message(message(cache="HIT")), Expected(MODEL, faces=0, cache="hit"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rest(faces=[]), "number of faces is 0"),
        (rest(faces=[FACE, FACE]), "number of faces is 2"),
        (rest(faces=None), "no analysis"),
        (rest(faces=[{}]), "no analysis"),
        (rest(faces=[{"probabilities": {}}]), "sum to 0"),
        (rest(faces=[{"probabilities": {"happy": "x"}}]), "no numbers"),
        (rest(faces=[{"probabilities": {"happy": 0.9, "sad": 0.2}}]), "sum to 1.1"),
        (rest(faces=[{"probabilities": {"happy": 1.5, "sad": -0.5}}]), "sum to 1"),
        (rest(faces=[{"probabilities": {"happy": float("nan")}}]), "sum to nan"),
        (rest(model={"name": "fer2013-squeezenet-tensorflow"}), "the model is"),
        (rest(cache="hit"), "the cache is 'hit', not 'miss'"),
        (rest(cache="bypass"), "the cache is 'bypass', not 'miss'"),
        (b"<html>", "no JSON"),
        (b"[]", "no JSON object"),
        (b"\xff", "no JSON"),
        (b"{}", "no analysis"),
    ],
)
def test_a_wrong_answer_in_json_is_told(body: bytes, why: str) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(WrongAnswerError, match=why):
        check(answer_of_json(body), EXPECTED)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (message(), "number of faces is 0"),
        (message([1.0], [1.0]), "number of faces is 2"),
        (message([]), "sum to 0"),
        (message([0.6, 0.6]), "sum to 1.2"),
        (message([1.0], cache="HIT"), "the cache is 'hit'"),
        (message([1.0], cache="UNSPECIFIED"), "the cache is 'unspecified'"),
        (pb.AnalyzeResponse(), "the model is ''"),
    ],
)
def test_a_wrong_answer_in_protobuf_is_told(answer: pb.AnalyzeResponse, why: str) -> None:
    """The same sentences."""
    with pytest.raises(WrongAnswerError, match=why):
        check(answer_of_message(answer), EXPECTED)


def test_one_wrong_face_of_many_is_told() -> None:
    """Each face is looked at."""
    answer = Answer(MODEL, "miss", [(0.5, 0.5), (0.5, 0.4)])
    with pytest.raises(WrongAnswerError, match=r"sum to 0\.9"):
        check(answer, Expected(MODEL, faces=2, cache="miss"))
