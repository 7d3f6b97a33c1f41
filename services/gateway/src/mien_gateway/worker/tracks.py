"""The tracker of videos: the one of live streams, with the same smoothing."""

from mien_gateway.tracking.smoothing import Smoothing
from mien_gateway.tracking.tracker import FaceTracker
from mien_gateway.video.tracks import FaceTracks


def make_tracks(smoothing_seconds: float | None) -> FaceTracks:
    """Return the tracks of one video; 0 seconds switch smoothing off."""
    if smoothing_seconds is None:
        return FaceTracker()
    return FaceTracker(Smoothing(time_constant_seconds=smoothing_seconds))
