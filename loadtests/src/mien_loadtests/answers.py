"""What a right answer to the sample photo looks like: a 200 with nonsense in it is a failure."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

# Sums of rounded float32 probabilities.
_TOLERANCE = 1e-3


class WrongAnswerError(Exception):
    """The gateway answered, but not what it must."""


def check_rest(body: bytes, model: str) -> None:
    """Check the body of POST /v1/analyze.

    Raises:
        WrongAnswerError: it is not what the sample photo gives.
    """
    answer = _document(body)
    check_model(answer.get("model", {}).get("name"), model)
    _same("the cache", answer.get("cache"), "bypass")
    _check_faces(answer.get("faces"))


def check_frame(message: str | bytes, frame: int) -> None:
    """Check a result of WS /v1/stream.

    Raises:
        WrongAnswerError: it is not what the sample photo gives.
    """
    answer = _document(message)
    _same("the message", answer.get("type"), "result")
    _same("the frame", answer.get("frame"), frame)
    _check_faces(answer.get("faces"))


def check_model(got: object, model: str) -> None:
    """Check that the model that was asked answered, and not its twin.

    Raises:
        WrongAnswerError: another one did.
    """
    _same("the model", got, model)


def check_faces(probabilities: Sequence[Iterable[float]]) -> None:
    """Check one face per entry, each with the probability of every label.

    Raises:
        WrongAnswerError: not one face, or no distribution.
    """
    _same("the number of faces", len(probabilities), 1)
    values = list(probabilities[0])
    total = math.fsum(values)
    if not values or min(values) < 0 or abs(total - 1) > _TOLERANCE:
        message = f"the probabilities sum to {total:.4f}: {values}"
        raise WrongAnswerError(message)


def _check_faces(faces: Any) -> None:
    try:
        found = [face["probabilities"].values() for face in faces]
    except (TypeError, KeyError, AttributeError) as error:
        message = f"the faces are not what they should be: {faces!r:.200}"
        raise WrongAnswerError(message) from error
    check_faces(found)


def _document(text: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        message = f"no JSON: {text!r:.200}"
        raise WrongAnswerError(message) from error
    if not isinstance(document, dict):
        message = f"no JSON object: {text!r:.200}"
        raise WrongAnswerError(message)
    return document


def _same(what: str, got: object, expected: object) -> None:
    if got != expected:
        message = f"{what} is {got!r}, not {expected!r}"
        raise WrongAnswerError(message)
