"""What ends a live stream."""

from mien_gateway.errors.base import CallerError


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
