"""A job: what was asked for, how far it is, how it ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import orjson

from mien_gateway.video.options import VideoOptions


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
        code: why it failed, as programs read it.
        detail: why it failed, as people read it.
    """

    id: str
    options: VideoOptions
    created: float
    state: JobState = JobState.QUEUED
    attempt: int = 0
    losses: int = 0
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
