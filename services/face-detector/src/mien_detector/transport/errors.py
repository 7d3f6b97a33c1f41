"""How each error is told over gRPC."""

from dataclasses import dataclass
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from mien.v1 import face_detector_pb2 as pb

from mien_detector import errors

_DOMAIN = "mien"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status code and, for a refused picture, the reason."""

    code: grpc.StatusCode
    fault: pb.ImageFault.ValueType | None = None


_REFUSED = grpc.StatusCode.INVALID_ARGUMENT

ANSWERS: Final[dict[type[errors.DetectorError], Answer]] = {
    errors.DetectorError: Answer(grpc.StatusCode.INTERNAL),
    errors.ImageError: Answer(_REFUSED, pb.IMAGE_FAULT_UNSPECIFIED),
    errors.EmptyImageError: Answer(_REFUSED, pb.IMAGE_FAULT_EMPTY),
    errors.UnsupportedFormatError: Answer(_REFUSED, pb.IMAGE_FAULT_UNSUPPORTED_FORMAT),
    errors.UnreadableImageError: Answer(_REFUSED, pb.IMAGE_FAULT_UNREADABLE),
    errors.TooManyBytesError: Answer(_REFUSED, pb.IMAGE_FAULT_TOO_MANY_BYTES),
    errors.TooManyPixelsError: Answer(_REFUSED, pb.IMAGE_FAULT_TOO_MANY_PIXELS),
    errors.RequestError: Answer(_REFUSED),
    errors.OverloadedError: Answer(grpc.StatusCode.RESOURCE_EXHAUSTED),
    errors.TooSlowError: Answer(grpc.StatusCode.DEADLINE_EXCEEDED),
    errors.StartError: Answer(grpc.StatusCode.UNAVAILABLE),
    errors.ModelUnavailableError: Answer(grpc.StatusCode.UNAVAILABLE),
}


async def abort(context: "grpc.aio.ServicerContext[Any, Any]", error: Exception) -> NoReturn:
    """End the call with the error's code, message and, for a picture, reason.

    An error that nobody foresaw is INTERNAL, and its text stays here.
    """
    if not isinstance(error, errors.DetectorError):
        await context.abort(grpc.StatusCode.INTERNAL, "the picture could not be worked on")
    status = rpc_status.to_status(_describe(error, ANSWERS[type(error)]))
    await context.abort(status.code, status.details, status.trailing_metadata)


def _describe(error: errors.DetectorError, answer: Answer) -> status_pb2.Status:
    status = status_pb2.Status(code=code_pb2.Code.Value(answer.code.name), message=str(error))
    if answer.fault is not None:
        detail = any_pb2.Any()
        detail.Pack(
            error_details_pb2.ErrorInfo(domain=_DOMAIN, reason=pb.ImageFault.Name(answer.fault))
        )
        status.details.append(detail)
    return status
