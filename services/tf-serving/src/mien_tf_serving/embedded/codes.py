"""From what went wrong to the codes of each transport."""

from collections.abc import Mapping

import grpc

from mien_tf_serving.errors import (
    DeadlineExpired,
    FailedPrecondition,
    Failure,
    InvalidArgument,
    NotFound,
    OutOfRange,
    Overloaded,
    ResourceExhausted,
    ServingError,
    Unsupported,
)

GRPC_CODES: Mapping[type[ServingError], grpc.StatusCode] = {
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    OutOfRange: grpc.StatusCode.OUT_OF_RANGE,
    Overloaded: grpc.StatusCode.UNAVAILABLE,
    ResourceExhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    DeadlineExpired: grpc.StatusCode.DEADLINE_EXCEEDED,
    Unsupported: grpc.StatusCode.UNIMPLEMENTED,
    Failure: grpc.StatusCode.INTERNAL,
}

HTTP_STATUSES: Mapping[type[ServingError], int] = {
    InvalidArgument: 400,
    NotFound: 404,
    FailedPrecondition: 400,
    OutOfRange: 400,
    Overloaded: 503,
    ResourceExhausted: 429,
    DeadlineExpired: 504,
    Unsupported: 501,
    Failure: 500,
}


def grpc_code(error: ServingError) -> grpc.StatusCode:
    """Return the code of a gRPC answer."""
    return GRPC_CODES[type(error)]


def status_code(error: ServingError | None) -> int:
    """Return the number of a StatusProto; 0 is OK."""
    if error is None:
        return 0
    number: int = grpc_code(error).value[0]
    return number
