"""What each failure of a model server means."""

import grpc
import grpc.aio

from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    ModelServerUnavailableError,
    OverloadedError,
)
from mien_gateway.hops import Translation

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


def backend_errors(server: str, model: str) -> Translation:
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
