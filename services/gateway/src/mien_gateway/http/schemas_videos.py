"""The shapes of the documents about videos, for the API's description."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mien_gateway.http.schemas import Box, Expression, Probability


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VideoFrames(_Document):
    """How many frames; `expected` is an estimate until the job has succeeded."""

    done: int
    expected: int
    unreadable: int


class VideoOptions(_Document):
    """What was asked for."""

    sample_rate: float
    start: float
    end: float | None
    annotate: bool
    smoothing_seconds: float | None


class VideoProblem(_Document):
    """Why a job failed; programs rely on `code`."""

    code: str
    detail: str


class VideoJob(_Document):
    """How a job is."""

    id: str
    state: Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    progress: Probability
    frames: VideoFrames
    created: str
    started: str | None
    ended: str | None
    model: str
    options: VideoOptions
    problem: VideoProblem | None
    links: dict[str, str]


class VideoFace(_Document):
    """A face in a frame; its probabilities are smoothed over time."""

    track: int
    box: Box
    detection_score: Probability
    top: Expression
    probabilities: dict[str, Probability]


class VideoFrame(_Document):
    """A frame with its faces."""

    time_seconds: float
    faces: list[VideoFace]


class VideoResults(_Document):
    """The answer of results.json: the job, and what was found."""

    job: VideoJob
    labels: list[str]
    frames: list[VideoFrame]
