"""How gRPC words each error: one table, and the rich status that carries it."""

import math
from collections.abc import Mapping

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from mien_gateway import errors

STATUS_CODES: Mapping[type[errors.GatewayError], grpc.StatusCode] = {
    **dict.fromkeys(
        (
            errors.EmptyImageError,
            errors.UnsupportedMediaTypeError,
            errors.UnreadableImageError,
            errors.ImageTooLargeError,
            errors.TooManyPixelsError,
            errors.InvalidBase64Error,
            errors.InvalidRequestError,
            errors.NoFaceError,
            errors.UnsupportedVideoError,
            errors.VideoTooLargeError,
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
    ),
    errors.UnauthenticatedError: grpc.StatusCode.UNAUTHENTICATED,
    errors.OriginForbiddenError: grpc.StatusCode.PERMISSION_DENIED,
    errors.HostForbiddenError: grpc.StatusCode.PERMISSION_DENIED,
    errors.UnknownModelError: grpc.StatusCode.NOT_FOUND,
    errors.UnknownVideoError: grpc.StatusCode.NOT_FOUND,
    errors.VideoNotAnnotatedError: grpc.StatusCode.NOT_FOUND,
    errors.ResultsNotReadyError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.UnknownSessionError: grpc.StatusCode.NOT_FOUND,
    errors.ConsentRequiredError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.StreamIdleError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.SlowReaderError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.StreamTooLongError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.TimelinesUnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.ShuttingDownError: grpc.StatusCode.UNAVAILABLE,
    errors.UnknownLabelError: grpc.StatusCode.NOT_FOUND,
    errors.NoTwinError: grpc.StatusCode.NOT_FOUND,
    errors.NoCardError: grpc.StatusCode.NOT_FOUND,
    errors.UploadTooSlowError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.DeadlineExceededError: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.DetectorUnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.ModelServerUnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.JobStoreUnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.RateLimitedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.BadDetectorAnswerError: grpc.StatusCode.INTERNAL,
    errors.BadModelAnswerError: grpc.StatusCode.INTERNAL,
}

_DOMAIN = "mien"


def rich_status(error: errors.GatewayError, request_id: str) -> grpc.Status:
    """Return the status for a domain error, with its code as ErrorInfo's reason."""
    details = [_info(error.code, request_id)]
    if isinstance(error, errors.TemporaryError):
        delay = Duration()
        delay.FromMilliseconds(math.ceil(error.retry_after_seconds * 1000))
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return _status(STATUS_CODES[type(error)], error.detail, details)


def internal_status(request_id: str) -> grpc.Status:
    """Return the status for what nobody foresaw; it says nothing of what happened."""
    message = "Something went wrong here; the request's id leads to the log entry"
    return _status(grpc.StatusCode.INTERNAL, message, [_info("internal_error", request_id)])


def _info(reason: str, request_id: str) -> Any:
    return _packed(
        error_details_pb2.ErrorInfo(
            domain=_DOMAIN, reason=reason, metadata={"request_id": request_id}
        )
    )


def _packed(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed


def _status(code: grpc.StatusCode, message: str, details: list[Any]) -> grpc.Status:
    number, _ = code.value
    status: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=number, message=message, details=details)
    )
    return status
