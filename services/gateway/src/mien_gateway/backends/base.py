"""What the gateway needs of a model server."""

import math
import sys
from array import array
from collections.abc import Sequence
from typing import Protocol

from mien_gateway.domain import Explanation, Prediction
from mien_gateway.errors import BadModelAnswerError
from mien_models.registry import ServedModel

# Servers compute in float32, some in bfloat16; a sum further off is no distribution.
_SUM_TOLERANCE = 1e-2
_FLOAT32_BYTES = 4


class Backend(Protocol):
    """A model server."""

    name: str
    """How it is called where callers and operators read of it."""

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Return one prediction per face by the model's very version, from one message.

        Each face is height x width x channels bytes. Raises the errors of a hop.
        """

    async def explain(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> list[Explanation]:
        """Return one explanation per face, for the class asked for or, at -1, the most probable.

        Raises the errors of a hop.
        """

    async def serves(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Whether it has this very version of the model now; never raises."""

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Whether it would answer for the model now; never raises."""


def read_probabilities(
    raw: bytes, *, faces: int, classes: int, server: str, served_by: str
) -> list[Prediction]:
    """Cut faces x classes little-endian float32 values into predictions.

    Raises BadModelAnswerError unless each face's values are a distribution.
    """
    values = read_floats(raw, faces * classes, server)
    return check_probabilities(values, classes=classes, server=server, served_by=served_by)


def read_floats(raw: bytes, number: int, server: str) -> Sequence[float]:
    """Return so many little-endian float32 values.

    Raises BadModelAnswerError where there are more or fewer.
    """
    if len(raw) != number * _FLOAT32_BYTES:
        reason = f"{len(raw)} bytes where {number} float32 values belong"
        raise BadModelAnswerError(server, reason)
    values = array("f", raw)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def check_probabilities(
    values: Sequence[float], *, classes: int, server: str, served_by: str
) -> list[Prediction]:
    """Cut the values, already of the right number, into predictions."""
    predictions = [
        Prediction(tuple(values[start : start + classes]), served_by)
        for start in range(0, len(values), classes)
    ]
    for prediction in predictions:
        if not _is_distribution(prediction.probabilities):
            reason = "the probabilities of a face are no distribution"
            raise BadModelAnswerError(server, reason)
    return predictions


def check_explanations(
    predictions: Sequence[Prediction], heat: Sequence[float], *, pixels: int, server: str
) -> list[Explanation]:
    """Give each prediction its map of so many pixels, out of all maps in a row.

    Raises BadModelAnswerError where a value is no share.
    """
    # A NaN fails the comparison.
    if not all(0 <= value <= 1 + _SUM_TOLERANCE for value in heat):
        reason = "a heat map holds a value that is no share"
        raise BadModelAnswerError(server, reason)
    return [
        Explanation(
            prediction.probabilities,
            tuple(heat[place * pixels : (place + 1) * pixels]),
            prediction.served_by,
        )
        for place, prediction in enumerate(predictions)
    ]


def _is_distribution(probabilities: Sequence[float]) -> bool:
    # A NaN fails both comparisons.
    return (
        all(0 <= value <= 1 + _SUM_TOLERANCE for value in probabilities)
        and abs(math.fsum(probabilities) - 1) <= _SUM_TOLERANCE
    )
