"""Tracks faces from frame to frame by motion and overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mien_gateway.domain import Box, Face
from mien_gateway.tracking.kalman import BoxMotion
from mien_gateway.tracking.smoothing import ExpressionFilter, Smoothing


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (one.width * one.height + other.width * other.height - both)


def associate(
    expected: Sequence[Box], seen: Sequence[Box], minimum_overlap: float
) -> list[tuple[int, int]]:
    """Return pairs of indices, each used once at most.

    Faces overlap each other little, so that taking the best pair first finds what an
    optimal assignment would, in a fraction of the time.
    """
    candidates = sorted(
        (
            (share, place, index)
            for place, box in enumerate(expected)
            for index, other in enumerate(seen)
            if (share := overlap(box, other)) >= minimum_overlap
        ),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    left, right = set(range(len(expected))), set(range(len(seen)))
    for _, place, index in candidates:
        if place in left and index in right:
            left.remove(place)
            right.remove(index)
            pairs.append((place, index))
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingLimits:
    """How tracks are matched, begun and forgotten.

    Attributes:
        sure_score: detections from here on are matched first, and begin tracks.
        sure_overlap: what the first stage asks for, as intersection over union.
        unsure_overlap: what the second stage asks for.
        keep_seconds: how long a track lives on without being seen.
    """

    sure_score: float = 0.6
    sure_overlap: float = 0.2
    unsure_overlap: float = 0.4
    keep_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """A face with its track's number, its probabilities smoothed over time."""

    face: Face
    track: int
    top: int
    """The label shown; it may lag behind the largest probability."""


@dataclass(slots=True, eq=False)
class _Track:
    number: int
    motion: BoxMotion
    filter: ExpressionFilter
    seen_at: float


@dataclass
class FaceTracker:
    """One stream's tracks."""

    smoothing: Smoothing = field(default_factory=Smoothing)
    limits: TrackingLimits = field(default_factory=TrackingLimits)
    _tracks: list[_Track] = field(default_factory=list)
    _begun: int = 0
    _now: float | None = None

    def update(self, at_seconds: float, faces: Sequence[Face]) -> list[TrackedFace]:
        """Return the faces of one frame, in their order, those without a track left out.

        `at_seconds` is on a steady clock; a frame from before the last one counts as now.
        """
        now = self._advance(at_seconds)
        sure = [index for index, face in enumerate(faces) if self._is_sure(face)]
        unsure = [index for index, face in enumerate(faces) if not self._is_sure(face)]
        owners = self._match(faces, sure, self._tracks, self.limits.sure_overlap)
        left = [track for track in self._tracks if track not in owners.values()]
        owners |= self._match(faces, unsure, left, self.limits.unsure_overlap)
        for index in sure:
            if index not in owners:
                owners[index] = self._begin(faces[index], now)
        tracked = [
            self._tracked(owners[index], face, now)
            for index, face in enumerate(faces)
            if index in owners
        ]
        oldest = now - self.limits.keep_seconds
        self._tracks = [track for track in self._tracks if track.seen_at >= oldest]
        return tracked

    def _advance(self, at_seconds: float) -> float:
        """Move every track to the time of the frame, and return that time."""
        before = self._now if self._now is not None else at_seconds
        self._now = max(before, at_seconds)
        for track in self._tracks:
            track.motion.predict(self._now - before)
        return self._now

    def _is_sure(self, face: Face) -> bool:
        return face.detection_score >= self.limits.sure_score

    def _match(
        self,
        faces: Sequence[Face],
        indices: Sequence[int],
        tracks: Sequence[_Track],
        minimum_overlap: float,
    ) -> dict[int, _Track]:
        pairs = associate(
            [track.motion.box for track in tracks],
            [faces[index].box for index in indices],
            minimum_overlap,
        )
        return {indices[place]: tracks[track] for track, place in pairs}

    def _begin(self, face: Face, now: float) -> _Track:
        self._begun += 1
        track = _Track(self._begun, BoxMotion(face.box), ExpressionFilter(self.smoothing), now)
        self._tracks.append(track)
        return track

    def _tracked(self, track: _Track, face: Face, now: float) -> TrackedFace:
        track.motion.update(face.box)
        track.seen_at = now
        smoothed = track.filter.update(now, face.probabilities)
        calm = replace(face, probabilities=smoothed.probabilities)
        return TrackedFace(calm, track.number, smoothed.top)
