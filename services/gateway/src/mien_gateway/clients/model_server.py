"""What every model server's client has in common: protocol, checks, errors."""

import math
import sys
from array import array
from collections.abc import Sequence
from typing import Any, Protocol

import grpc
import grpc.aio

from mien_gateway.clients.channel import ErrorMap
from mien_gateway.domain import Explanation, Prediction
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    ModelServerUnavailableError,
    OverloadedError,
)
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


# TensorFlow Serving has one status for a full queue and for a lost connection, TorchServe one for
# a full queue and for a worker's failure (and the same words where a model has no worker).
_BUSY = (
    "The batch scheduling queue ",
    "all batch threads are busy",
    "has no worker to serve inference request",
)


def is_busy(message: str | None) -> bool:
    """Whether a model server says that it takes no more work at present."""
    return any(words in (message or "") for words in _BUSY)


def busy(server: str) -> OverloadedError:
    """Return the error for that."""
    return OverloadedError(f"The model server {server}")


def backend_errors(server: str, model: str) -> ErrorMap:
    """Return the error for every status that a call for `model` may end with."""

    def unavailable(error: grpc.aio.AioRpcError) -> OverloadedError | ModelServerUnavailableError:
        if is_busy(error.details()):
            return busy(server)
        return ModelServerUnavailableError(server, model)

    def bad_answer(error: grpc.aio.AioRpcError) -> BadModelAnswerError:
        return BadModelAnswerError(server, f"{error.code().name}: {error.details()}")

    code = grpc.StatusCode
    return {
        code.DEADLINE_EXCEEDED: lambda _: DeadlineExceededError(f"the model server {server}"),
        code.RESOURCE_EXHAUSTED: lambda _: busy(server),
        **dict.fromkeys(
            (
                code.UNAVAILABLE,
                # A server that stops cancels what it has under way.
                code.CANCELLED,
                code.ABORTED,
                # The model is not, or not yet, loaded.
                code.NOT_FOUND,
                code.FAILED_PRECONDITION,
            ),
            unavailable,
        ),
        **dict.fromkeys(
            (
                code.UNKNOWN,
                code.INVALID_ARGUMENT,
                code.ALREADY_EXISTS,
                code.PERMISSION_DENIED,
                code.UNAUTHENTICATED,
                code.OUT_OF_RANGE,
                code.UNIMPLEMENTED,
                code.INTERNAL,
                code.DATA_LOSS,
            ),
            bad_answer,
        ),
    }


_HEADER = "x-served-by"


async def served_by(call: grpc.aio.UnaryUnaryCall[Any, Any], otherwise: str) -> str:
    """Return what the answer's initial metadata says, else the name given."""
    for key, value in await call.initial_metadata():
        if key == _HEADER:
            return value if isinstance(value, str) else value.decode()
    return otherwise
