"""What may be asked for of a video, and what is allowed at most."""

from dataclasses import asdict, dataclass
from typing import Any, Self


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
