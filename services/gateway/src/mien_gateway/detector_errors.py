"""What each failure of the face detector means."""

from collections.abc import Callable

import grpc
import grpc.aio
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from mien.v1 import face_detector_pb2 as pb

from mien_gateway.errors import (
    BadDetectorAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    EmptyImageError,
    GatewayError,
    ImageTooLargeError,
    OverloadedError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
)
from mien_gateway.hops import Translation

_NAME = "The face detector"


def detector_errors(max_image_bytes: int) -> Translation:
    """Return the error for every status; the limit is named to a caller who exceeds it."""
    faults = image_faults(max_image_bytes)

    def refused(error: grpc.aio.AioRpcError) -> GatewayError:
        fault = faults.get(_reason(error))
        return fault() if fault else _bad_answer(error)

    code = grpc.StatusCode
    return {
        code.INVALID_ARGUMENT: refused,
        code.DEADLINE_EXCEEDED: lambda _: DeadlineExceededError("the face detector"),
        code.RESOURCE_EXHAUSTED: lambda _: OverloadedError(_NAME),
        # A server that stops cancels what it has under way.
        **dict.fromkeys(
            (code.UNAVAILABLE, code.CANCELLED, code.ABORTED), lambda _: DetectorUnavailableError()
        ),
        **dict.fromkeys(
            (
                code.UNKNOWN,
                code.NOT_FOUND,
                code.ALREADY_EXISTS,
                code.PERMISSION_DENIED,
                code.UNAUTHENTICATED,
                code.FAILED_PRECONDITION,
                code.OUT_OF_RANGE,
                code.UNIMPLEMENTED,
                code.INTERNAL,
                code.DATA_LOSS,
            ),
            _bad_answer,
        ),
    }


def image_faults(max_image_bytes: int) -> dict[str, Callable[[], GatewayError]]:
    """Return the error for the name of every ImageFault that the detector may report."""
    return {
        pb.ImageFault.Name(fault): error
        for fault, error in (
            (pb.IMAGE_FAULT_EMPTY, EmptyImageError),
            (pb.IMAGE_FAULT_UNSUPPORTED_FORMAT, UnsupportedMediaTypeError),
            (pb.IMAGE_FAULT_UNREADABLE, UnreadableImageError),
            (pb.IMAGE_FAULT_TOO_MANY_BYTES, lambda: ImageTooLargeError(max_image_bytes)),
            (pb.IMAGE_FAULT_TOO_MANY_PIXELS, TooManyPixelsError),
        )
    }


def _reason(error: grpc.aio.AioRpcError) -> str:
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        return ""
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else ():
        if detail.Unpack(info) and info.domain == "mien":
            return str(info.reason)
    return ""


def _bad_answer(error: grpc.aio.AioRpcError) -> BadDetectorAnswerError:
    return BadDetectorAnswerError(f"{error.code().name}: {error.details()}")
