"""Everything that can go wrong, in the words of the domain.

    GatewayError
    |-- CallerError                     the caller can mend it
    |   |-- EmptyImageError
    |   |-- UnsupportedMediaTypeError
    |   |-- UnreadableImageError
    |   |-- ImageTooLargeError
    |   |-- TooManyPixelsError
    |   |-- InvalidBase64Error
    |   |-- InvalidRequestError
    |   |-- UnknownModelError
    |   |-- UnknownLabelError
    |   |-- NoTwinError
    |   |-- NoCardError
    |   |-- NoFaceError
    |   |-- UnsupportedVideoError
    |   |-- VideoTooLargeError
    |   |-- UnknownVideoError
    |   |-- VideoNotAnnotatedError
    |   |-- ResultsNotReadyError
    |   |-- UploadTooSlowError
    |   |-- ConsentRequiredError
    |   |-- StreamIdleError
    |   |-- StreamTooLongError
    |   |-- SlowReaderError
    |   |-- UnknownSessionError
    |   |-- UnauthenticatedError
    |   |-- OriginForbiddenError
    |   `-- HostForbiddenError
    |-- TemporaryError                  the same request may succeed a moment later
    |   |-- DetectorUnavailableError
    |   |-- ModelServerUnavailableError
    |   |-- JobStoreUnavailableError
    |   |-- TimelinesUnavailableError
    |   |-- ShuttingDownError
    |   |-- OverloadedError
    |   `-- RateLimitedError
    |-- DeadlineExceededError
    `-- BadAnswerError                  a part of Mien answered what it must not
        |-- BadDetectorAnswerError
        `-- BadModelAnswerError

Each has a `code` that callers may rely on and a message that may be shown to them. How
a transport words them is the transport's matter: see `http.problems` and `grpc.errors`.
"""

from mien_gateway.errors.base import (
    BadAnswerError,
    CallerError,
    DeadlineExceededError,
    GatewayError,
    TemporaryError,
    concrete_errors,
)
from mien_gateway.errors.parts import (
    BadDetectorAnswerError,
    BadModelAnswerError,
    DetectorUnavailableError,
    JobStoreUnavailableError,
    ModelServerUnavailableError,
    OverloadedError,
    RateLimitedError,
    ShuttingDownError,
    TimelinesUnavailableError,
)
from mien_gateway.errors.pictures import (
    EmptyImageError,
    ImageTooLargeError,
    InvalidBase64Error,
    NoFaceError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
    UploadTooSlowError,
)
from mien_gateway.errors.requests import (
    HostForbiddenError,
    InvalidRequestError,
    NoCardError,
    NoTwinError,
    OriginForbiddenError,
    UnauthenticatedError,
    UnknownLabelError,
    UnknownModelError,
    UnknownSessionError,
)
from mien_gateway.errors.streams import (
    ConsentRequiredError,
    SlowReaderError,
    StreamIdleError,
    StreamTooLongError,
)
from mien_gateway.errors.videos import (
    ResultsNotReadyError,
    UnknownVideoError,
    UnsupportedVideoError,
    VideoNotAnnotatedError,
    VideoTooLargeError,
)

__all__ = [
    "BadAnswerError",
    "BadDetectorAnswerError",
    "BadModelAnswerError",
    "CallerError",
    "ConsentRequiredError",
    "DeadlineExceededError",
    "DetectorUnavailableError",
    "EmptyImageError",
    "GatewayError",
    "HostForbiddenError",
    "ImageTooLargeError",
    "InvalidBase64Error",
    "InvalidRequestError",
    "JobStoreUnavailableError",
    "ModelServerUnavailableError",
    "NoCardError",
    "NoFaceError",
    "NoTwinError",
    "OriginForbiddenError",
    "OverloadedError",
    "RateLimitedError",
    "ResultsNotReadyError",
    "ShuttingDownError",
    "SlowReaderError",
    "StreamIdleError",
    "StreamTooLongError",
    "TemporaryError",
    "TimelinesUnavailableError",
    "TooManyPixelsError",
    "UnauthenticatedError",
    "UnknownLabelError",
    "UnknownModelError",
    "UnknownSessionError",
    "UnknownVideoError",
    "UnreadableImageError",
    "UnsupportedMediaTypeError",
    "UnsupportedVideoError",
    "UploadTooSlowError",
    "VideoNotAnnotatedError",
    "VideoTooLargeError",
    "concrete_errors",
]
