"""What a right answer looks like, whatever protocol it came by: a wrong 200 is a failure."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mien.v1 import emotion_pb2 as pb

# Sums of rounded float32 probabilities.
_TOLERANCE = 1e-3


class WrongAnswerError(Exception):
    """The gateway answered, but not what it must."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer to a picture must say."""

    model: str
    faces: int
    cache: str
    """`bypass`, `miss` or `hit`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What counts of an answer."""

    model: str
    cache: str
    faces: Sequence[Sequence[float]]
    """Of each face, the probability of every label."""


def answer_of_json(body: bytes | str) -> Answer:
    """Read the body of POST /v1/analyze, or a result of WS /v1/stream.

    Raises:
        WrongAnswerError: it is neither.
    """
    return answer_of_document(document(body))


def answer_of_document(found: dict[str, Any]) -> Answer:
    """Read the document of an analysis.

    Raises:
        WrongAnswerError: it is none.
    """
    try:
        faces = [tuple(face["probabilities"].values()) for face in found["faces"]]
        return Answer(found["model"]["name"], found["cache"], faces)
    except (TypeError, KeyError, AttributeError) as error:
        message = f"no analysis: {found!r:.200}"
        raise WrongAnswerError(message) from error


def answer_of_message(message: pb.AnalyzeResponse) -> Answer:
    """Read the answer of mien.v1.EmotionService."""
    cache = pb.CacheStatus.Name(message.cache).removeprefix("CACHE_STATUS_").lower()
    faces = [[one.probability for one in face.expressions] for face in message.faces]
    return Answer(message.model.name, cache, faces)


def check(answer: Answer, expected: Expected) -> None:
    """Check the answer to one picture.

    Raises:
        WrongAnswerError: it says what is wrong.
    """
    same("the model", answer.model, expected.model)
    same("the cache", answer.cache, expected.cache)
    same("the number of faces", len(answer.faces), expected.faces)
    for probabilities in answer.faces:
        _check_distribution(probabilities)


def same(what: str, got: object, expected: object) -> None:
    """Check one thing of an answer.

    Raises:
        WrongAnswerError: it is another one.
    """
    if got != expected:
        message = f"{what} is {got!r:.200}, not {expected!r}"
        raise WrongAnswerError(message)


def document(text: str | bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        WrongAnswerError: it is none.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"no JSON: {text!r:.200}"
        raise WrongAnswerError(message) from error
    if not isinstance(found, dict):
        message = f"no JSON object: {text!r:.200}"
        raise WrongAnswerError(message)
    return found


def _check_distribution(values: Sequence[float]) -> None:
    try:
        total = math.fsum(values)
    except TypeError as error:
        message = f"probabilities that are no numbers: {values!r:.200}"
        raise WrongAnswerError(message) from error
    # Written so that NaN is wrong, too.
    if not (values and min(values) >= 0 and abs(total - 1) <= _TOLERANCE):
        message = f"the probabilities sum to {total:.4f}: {list(values)}"
        raise WrongAnswerError(message)
