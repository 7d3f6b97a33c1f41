"""What the worker asks of a tracker: which face of a frame is which of those before."""

from collections.abc import Callable, Sequence
from typing import Protocol

from mien_gateway.domain import Face


class TrackedFace(Protocol):
    """A face of one frame, known from the frames before."""

    @property
    def face(self) -> Face:
        """The face with its probabilities, smoothed over time."""

    @property
    def track(self) -> int:
        """Its number in the video."""

    @property
    def top(self) -> int:
        """The label to show; it may lag behind the largest probability."""


class FaceTracks(Protocol):
    """The tracks of one video."""

    def update(self, time_seconds: float, faces: Sequence[Face], /) -> Sequence[TrackedFace]:
        """Return the faces of a frame with their tracks; frames come in the order of time."""


MakeTracks = Callable[[float | None], FaceTracks]
"""Makes the tracks of one video, smoothing over so many seconds, or as the tracker likes."""
