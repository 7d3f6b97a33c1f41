"""What the gateway needs of a model server."""

import math
import sys
from array import array
from collections.abc import Sequence
from typing import Protocol

from mien_gateway.domain import Prediction
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
        """Return one prediction per face, from one message.

        Each face is height x width x channels bytes. Raises the errors of a hop.
        """

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Whether it would answer for the model now; never raises."""


def read_probabilities(
    raw: bytes, *, faces: int, classes: int, server: str, served_by: str
) -> list[Prediction]:
    """Cut faces x classes little-endian float32 values into predictions.

    Raises BadModelAnswerError unless each face's values are a distribution.
    """
    if len(raw) != faces * classes * _FLOAT32_BYTES:
        reason = f"{len(raw)} bytes for {faces} faces of {classes} classes"
        raise BadModelAnswerError(server, reason)
    values = array("f", raw)
    if sys.byteorder == "big":
        values.byteswap()
    return check_probabilities(values, classes=classes, server=server, served_by=served_by)


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


def _is_distribution(probabilities: Sequence[float]) -> bool:
    # A NaN fails both comparisons.
    return (
        all(0 <= value <= 1 + _SUM_TOLERANCE for value in probabilities)
        and abs(math.fsum(probabilities) - 1) <= _SUM_TOLERANCE
    )
