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

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import ClassVar


class GatewayError(Exception):
    """The root; its message is written for the caller and holds no internals."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for the caller."""
        return str(self.args[0])


class CallerError(GatewayError):
    """The request cannot be answered as it is."""


class TemporaryError(GatewayError):
    """The same request may succeed a moment later."""

    retry_after_seconds: float = 1


class BadAnswerError(GatewayError):
    """A part of Mien failed or answered what it must not."""


class DeadlineExceededError(GatewayError):
    """The time for this request is over."""

    code = "deadline_exceeded"

    def __init__(self, waiting_for: str) -> None:
        super().__init__(f"The time for this request ran out, waiting for {waiting_for}")


def concrete_errors(root: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """Every error that can be raised; the mappings of the transports must know them all."""
    for kind in root.__subclasses__():
        if "code" in vars(kind):
            yield kind
        yield from concrete_errors(kind)


class DetectorUnavailableError(TemporaryError):
    """The face detector does not answer."""

    code = "detector_unavailable"

    def __init__(self) -> None:
        super().__init__("The face detector is not available: try again in a moment")


class ModelServerUnavailableError(TemporaryError):
    """The server of the asked model does not answer, or does not serve it now."""

    code = "model_server_unavailable"

    def __init__(self, server: str, model: str) -> None:
        super().__init__(
            f"The model server {server} is not available for {model}: try again in a moment"
        )


class JobStoreUnavailableError(TemporaryError):
    """Redis, where the jobs of videos are kept, does not answer, is full, or is switched off."""

    code = "job_store_unavailable"

    def __init__(self, *, is_full: bool = False) -> None:
        state = "full" if is_full else "not available"
        super().__init__(f"The store of video jobs is {state}: try again in a moment")


class TimelinesUnavailableError(TemporaryError):
    """What keeps the timelines does not answer."""

    code = "timelines_unavailable"

    def __init__(self) -> None:
        super().__init__("Timelines are not available: try again in a moment")


class ShuttingDownError(TemporaryError):
    """This gateway stops; another one takes over."""

    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__("This gateway is stopping: connect again")


class OverloadedError(TemporaryError):
    """More work is under way than is allowed."""

    code = "overloaded"

    def __init__(self, part: str = "The gateway") -> None:
        super().__init__(f"{part} is busy: try again in a moment")


class RateLimitedError(TemporaryError):
    """The caller came more often than he may."""

    code = "rate_limited"

    def __init__(self, limit: int, retry_after_seconds: float) -> None:
        super().__init__(
            f"The limit of {limit} calls is used up: "
            f"try again in {math.ceil(retry_after_seconds)} seconds"
        )
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class BadDetectorAnswerError(BadAnswerError):
    """The detector's answer cannot be used; `reason` is for the log alone."""

    code = "bad_detector_answer"

    def __init__(self, reason: str) -> None:
        super().__init__("The face detector gave an answer that cannot be used")
        self.reason = reason


class BadModelAnswerError(BadAnswerError):
    """The model server's answer cannot be used; `reason` is for the log alone."""

    code = "bad_model_answer"

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"The model server {server} gave an answer that cannot be used")
        self.reason = reason


class EmptyImageError(CallerError):
    """There are no bytes."""

    code = "empty_image"

    def __init__(self) -> None:
        super().__init__("The picture is empty: send the bytes of a JPEG, PNG, WebP or BMP")


class UnsupportedMediaTypeError(CallerError):
    """These are not the bytes of a picture that can be read here."""

    code = "unsupported_media_type"

    def __init__(
        self,
        found: str = "This is not a picture of a known format",
        remedy: str = "send a JPEG, PNG, WebP or BMP",
    ) -> None:
        super().__init__(f"{found}: {remedy}")


class UnreadableImageError(CallerError):
    """The format is known, but the picture is truncated or corrupt."""

    code = "unreadable_image"

    def __init__(self) -> None:
        super().__init__("The picture is truncated or corrupt: send a complete file")


class ImageTooLargeError(CallerError):
    """There are more bytes than allowed."""

    code = "image_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The picture has more than {limit_bytes} bytes: scale it down or compress it more"
        )


class TooManyPixelsError(CallerError):
    """There are more pixels than allowed."""

    code = "too_many_pixels"

    def __init__(self) -> None:
        super().__init__("The picture has too many pixels: scale it down")


class InvalidBase64Error(CallerError):
    """The text is not base64."""

    code = "invalid_base64"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"`{field}` is not base64: encode the file's bytes by RFC 4648, with padding, "
            "bare or as a data URL"
        )


class NoFaceError(CallerError):
    """A face was asked for and none was found."""

    code = "no_face_found"

    def __init__(self) -> None:
        super().__init__("No face was found: send a picture that shows one, upright and larger")


class UploadTooSlowError(CallerError):
    """The body did not arrive in time."""

    code = "upload_too_slow"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"The request's body did not arrive within {limit_seconds:g} seconds")


_LONGEST_NAME_SHOWN = 100


class InvalidRequestError(CallerError):
    """The request's form is wrong; the detail says where."""

    code = "invalid_request"


class UnknownModelError(CallerError):
    """No model of that name is served."""

    code = "unknown_model"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no model {_shown(name)}: choose one of {', '.join(known)}")


class UnknownLabelError(CallerError):
    """The model knows no expression of that name."""

    code = "unknown_label"

    def __init__(self, label: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The model knows no expression {_shown(label)}: choose one of {', '.join(known)}"
        )


class NoTwinError(CallerError):
    """The model is served in one framework only."""

    code = "no_twin"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} has no twin in the other framework: nothing to compare it with")


class NoCardError(CallerError):
    """The model came without a card."""

    code = "no_card"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} has no card here: ask the operator for it")


class UnknownSessionError(CallerError):
    """Nothing is kept under that id."""

    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("Nothing is kept under this session's id: it may have expired")


class UnauthenticatedError(CallerError):
    """A key is needed, and none or a wrong one came."""

    code = "unauthenticated"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}: send one as `Authorization: Bearer <key>` or `X-Api-Key: <key>`"
        )


class OriginForbiddenError(CallerError):
    """A page of another site called."""

    code = "origin_forbidden"

    def __init__(self) -> None:
        super().__init__(
            "Pages of this origin may not call: "
            "the operator can add it to MIEN_GATEWAY_CORS_ORIGINS"
        )


class HostForbiddenError(CallerError):
    """The request is for a host that the gateway does not answer for."""

    code = "host_forbidden"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"The gateway does not answer for the host {_shown(host)}: "
            "the operator can add it to MIEN_GATEWAY_ALLOWED_HOSTS"
        )


def _shown(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_NAME_SHOWN else f"{name[:_LONGEST_NAME_SHOWN]}...")


class ConsentRequiredError(CallerError):
    """A live stream began without a word that the people in it agreed."""

    code = "consent_required"

    def __init__(self) -> None:
        super().__init__(
            "Tell the people in front of the camera what is done, and start with `consent: true`"
        )


class StreamIdleError(CallerError):
    """No frame came for too long."""

    code = "stream_idle"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"No frame came for {limit_seconds:g} seconds: open a new stream")


class StreamTooLongError(CallerError):
    """The stream has lasted as long as one may."""

    code = "stream_too_long"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"A stream lasts {limit_seconds:g} seconds at most: open a new one")


class SlowReaderError(CallerError):
    """The answers of a stream are not read."""

    code = "slow_reader"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"An answer was not read within {limit_seconds:g} seconds")


class UnsupportedVideoError(CallerError):
    """These are not the bytes of a video that can be read here."""

    code = "unsupported_video"

    def __init__(
        self,
        found: str = "This is not a video of a known format",
        remedy: str = "send an MP4, MOV, WebM, Matroska, AVI, MPEG, Ogg or FLV file",
    ) -> None:
        super().__init__(f"{found}: {remedy}")


class VideoTooLargeError(CallerError):
    """There are more bytes than a video may have."""

    code = "video_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The video has more than {limit_bytes} bytes: cut it, or compress it more"
        )


class UnknownVideoError(CallerError):
    """No job has this id, or not any more."""

    code = "unknown_video"

    def __init__(self) -> None:
        super().__init__("There is no video with this id: it was deleted, expired, or never sent")


class VideoNotAnnotatedError(CallerError):
    """No annotated video was asked for."""

    code = "video_not_annotated"

    def __init__(self) -> None:
        super().__init__("The video was sent with `annotate=false`: send it again with true")


class ResultsNotReadyError(CallerError):
    """The job has not succeeded, or not yet."""

    code = "results_not_ready"

    def __init__(self, state: str) -> None:
        super().__init__(f"The job is {state}: there are results once it is SUCCEEDED")


OK = "ok"
CANCELLED = "cancelled"


def outcome_of(error: BaseException) -> str:
    """Return the word for work that an error ended."""
    if isinstance(error, GatewayError):
        return error.code
    # A generator is closed when the one who reads it has left.
    left = isinstance(error, asyncio.CancelledError | GeneratorExit)
    return CANCELLED if left else "internal_error"
