"""What can be wrong with a video, or with asking for one."""

from mien_gateway.errors.base import CallerError


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
