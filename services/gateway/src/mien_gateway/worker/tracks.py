"""THE import point of the tracker: what `make_tracks` returns follows the faces of a video.

`mien_gateway.tracking` is to be returned here. Until it is there, faces are numbered by
their place in the frame and nothing is smoothed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mien_gateway.domain import Face
from mien_gateway.video.tracks import FaceTracks


@dataclass(frozen=True, slots=True)
class _NumberedFace:
    face: Face
    track: int

    @property
    def top(self) -> int:
        return self.face.top


class _FacesInOrder:
    def update(self, time_seconds: float, faces: Sequence[Face], /) -> Sequence[_NumberedFace]:
        del time_seconds
        return [_NumberedFace(face, place) for place, face in enumerate(faces, 1)]


def make_tracks(smoothing_seconds: float | None) -> FaceTracks:
    """Return the tracks of one video."""
    del smoothing_seconds
    return _FacesInOrder()
