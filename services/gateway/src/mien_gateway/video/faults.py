"""Why a job failed, in the words of the domain; it stands in the job, not in an answer."""

from typing import ClassVar


class VideoFault(Exception):  # noqa: N818 - it is told, not raised to a caller
    """The root; its message is written for the caller."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for the caller."""
        return str(self.args[0])


class UnreadableVideoFault(VideoFault):
    """No frame of it can be decoded."""

    code = "unreadable_video"

    def __init__(self) -> None:
        super().__init__("No frame of the video can be decoded: send a complete file")


class NoFramesFault(VideoFault):
    """The range that was asked for holds no frame."""

    code = "no_frames_in_range"

    def __init__(self) -> None:
        super().__init__("The video has no frame between `start` and `end`: ask for another range")


class TooManyFramesFault(VideoFault):
    """More frames would be analysed than allowed."""

    code = "too_many_frames"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"More than {limit} frames would be analysed: lower `sample_rate`, or ask for a "
            "shorter range with `start` and `end`"
        )


class VideoTooLongFault(VideoFault):
    """The stretch to analyse is longer than allowed."""

    code = "video_too_long"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(
            f"More than {limit_seconds:g} seconds would be analysed: ask for a shorter range "
            "with `start` and `end`"
        )


class TooManyPixelsFault(VideoFault):
    """Its frames are larger than allowed."""

    code = "video_too_many_pixels"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The video's frames have more than {limit} pixels: scale it down")


class TimeOverFault(VideoFault):
    """The job took longer than a job may."""

    code = "video_time_over"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(
            f"The job took longer than {limit_seconds:g} seconds: lower `sample_rate`, or ask "
            "for a shorter range"
        )


class WorkerLostFault(VideoFault):
    """The workers that had it died at it."""

    code = "worker_lost"

    def __init__(self) -> None:
        super().__init__("The worker was lost while it worked on this video, more than once")
