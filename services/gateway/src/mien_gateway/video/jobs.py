"""A video's job: its state, its options, its errors."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOptions:
    """What the caller wants.

    Attributes:
        sample_rate: frames analysed per second of the video.
        start: where to begin, in seconds.
        end: where to stop, in seconds; None goes on to the end.
        annotate: whether an annotated video is made, too.
        smoothing_seconds: over how much time probabilities are smoothed; None leaves that
            to the tracker.
    """

    model: str
    sample_rate: float = 5.0
    start: float = 0.0
    end: float | None = None
    annotate: bool = True
    smoothing_seconds: float | None = None

    def as_record(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """Return what `as_record` made the values of."""
        return cls(**record)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLimits:
    """How much one job may be.

    Attributes:
        retry_seconds: how long a part of Mien that is away is asked again for one frame.
        job_seconds: how long a job may take.
    """

    frames: int
    seconds: float
    pixels: int
    retry_seconds: float
    job_seconds: float
    frame_seconds: float


class JobError(Exception):
    """The root; its message is written for the caller."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for the caller."""
        return str(self.args[0])


class UnreadableVideoError(JobError):
    """No frame of it can be decoded."""

    code = "unreadable_video"

    def __init__(self) -> None:
        super().__init__("No frame of the video can be decoded: send a complete file")


class NoFramesError(JobError):
    """The range that was asked for holds no frame."""

    code = "no_frames_in_range"

    def __init__(self) -> None:
        super().__init__("The video has no frame between `start` and `end`: ask for another range")


class TooManyFramesError(JobError):
    """More frames would be analysed than allowed."""

    code = "too_many_frames"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"More than {limit} frames would be analysed: lower `sample_rate`, or ask for a "
            "shorter range with `start` and `end`"
        )


class VideoTooLongError(JobError):
    """The stretch to analyse is longer than allowed."""

    code = "video_too_long"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(
            f"More than {limit_seconds:g} seconds would be analysed: ask for a shorter range "
            "with `start` and `end`"
        )


class FrameTooLargeError(JobError):
    """Its frames are larger than allowed."""

    code = "video_too_many_pixels"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The video's frames have more than {limit} pixels: scale it down")


class JobTimeoutError(JobError):
    """The job took longer than a job may."""

    code = "video_time_over"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(
            f"The job took longer than {limit_seconds:g} seconds: lower `sample_rate`, or ask "
            "for a shorter range"
        )


class WorkerLostError(JobError):
    """The workers that had it died at it."""

    code = "worker_lost"

    def __init__(self) -> None:
        super().__init__("The worker was lost while it worked on this video, more than once")


class JobState(StrEnum):
    """How a job is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing comes after it."""
        return self not in UNDER_WAY


UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoJob:
    """One job as it is now; times are seconds since 1970.

    Attributes:
        attempt: how often a worker has begun it; a worker that lost it is known by this.
        losses: how often a worker died at it.
        frames_expected: an estimate until the job has succeeded.
        frames_unreadable: those that were skipped since they cannot be decoded.
        ticket: its place in the queue.
        code: why it failed, as programs read it.
        detail: why it failed, as people read it.
    """

    id: str
    options: VideoOptions
    created: float
    state: JobState = JobState.QUEUED
    attempt: int = 0
    losses: int = 0
    ticket: str = ""
    started: float | None = None
    ended: float | None = None
    frames_done: int = 0
    frames_expected: int = 0
    frames_unreadable: int = 0
    code: str = ""
    detail: str = ""

    @property
    def progress(self) -> float:
        """From 0 to 1; 1 only for a job that has succeeded."""
        if self.state is JobState.SUCCEEDED:
            return 1.0
        if not self.frames_expected:
            return 0.0
        return min(self.frames_done / self.frames_expected, 0.99)

    def as_fields(self) -> dict[str, str]:
        """Return the fields of the hash in Redis."""
        return fields(
            options=self.options.as_record(),
            **{name: getattr(self, name) for name in self.__slots__ if name not in _APART},
        )

    @classmethod
    def from_fields(cls, identifier: str, stored: dict[str, str]) -> Self:
        """Return the job of a hash."""
        known: dict[str, Any] = {
            name: orjson.loads(value) for name, value in stored.items() if name in cls.__slots__
        }
        known["options"] = VideoOptions.from_record(known["options"])
        known["state"] = JobState(known["state"])
        return cls(id=identifier, **known)


_APART = ("id", "options")


def fields(**changes: object) -> dict[str, str]:
    """Return changes as the hash keeps them: each value as JSON."""
    return {name: orjson.dumps(value).decode() for name, value in changes.items()}
