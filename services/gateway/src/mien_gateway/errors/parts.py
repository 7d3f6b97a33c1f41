"""What can be wrong with Mien itself."""

import math

from mien_gateway.errors.base import BadAnswerError, TemporaryError


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
