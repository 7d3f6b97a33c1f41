"""What is found over time: live streams, sessions, videos."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mien_client.types.analysis import Analysis, Box, Expression, Face, Probabilities


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What was found in one frame of a live stream.

    Attributes:
        frame: the frame's number; the first one given is 1.
        dropped_frames: how many so far were passed over for a newer one.
    """

    frame: int
    analysis: Analysis
    dropped_frames: int

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces, largest first, with their tracks and calmed probabilities."""
        return self.analysis.faces


@dataclass(frozen=True, slots=True)
class FrameProblem:
    """Why one frame has no result; the stream goes on. Programs rely on `code`."""

    frame: int
    code: str
    detail: str
    dropped_frames: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One face at one time; track 0 stands for a face that was not followed."""

    track: int
    label: str
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What was seen at one time, in seconds since 1970."""

    at: float
    model: str
    faces: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A part of a session's timeline, and the next one's `start`, if there is one."""

    entries: tuple[TimelineEntry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class VideoFrames:
    """How many frames; `expected` is an estimate until the job has succeeded."""

    done: int
    expected: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """What was asked for; times in seconds, the rate in frames per second."""

    sample_rate: float
    start: float
    end: float | None
    annotate: bool
    smoothing_seconds: float | None


@dataclass(frozen=True, slots=True)
class VideoProblem:
    """Why a job failed; programs rely on `code`."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class VideoJob:
    """How the analysis of a video is.

    Attributes:
        state: `QUEUED`, `RUNNING`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
        progress: 0 to 1.
        problem: why it failed; None otherwise.
    """

    id: str
    state: str
    progress: float
    frames: VideoFrames
    created: datetime
    started: datetime | None
    ended: datetime | None
    model: str
    options: VideoOptions
    problem: VideoProblem | None
    links: Mapping[str, str]

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class VideoFace:
    """A face in a frame of a video; its probabilities are smoothed over time."""

    track: int
    box: Box
    detection_score: float
    top: Expression
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """A frame with its faces; its time is in seconds from the video's beginning."""

    time_seconds: float
    faces: tuple[VideoFace, ...]


@dataclass(frozen=True, slots=True)
class VideoResults:
    """Everything that was found in a video."""

    job: VideoJob
    labels: tuple[str, ...]
    frames: tuple[VideoFrame, ...]
