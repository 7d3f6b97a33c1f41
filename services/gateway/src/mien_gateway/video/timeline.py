"""What was found in a video, on disk: a line of JSON per frame, never all at once in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from mien_gateway.domain import Box
from mien_gateway.video.tracks import TrackedFace


@dataclass(frozen=True, slots=True)
class TimedFace:
    """A face in a frame.

    Attributes:
        probabilities: smoothed over time.
        label: what is said of it; `uncertain` where nothing is probable enough.
        confidence: how probable the label is, or the one that would have been it.
    """

    track: int
    box: Box
    score: float
    probabilities: tuple[float, ...]
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame with its faces, in the order of the detector."""

    time_seconds: float
    faces: tuple[TimedFace, ...]


def timed_frame(
    time_seconds: float, tracked: Sequence[TrackedFace], words: Sequence[str]
) -> TimedFrame:
    """Return what is kept of a frame: six decimals of a probability, two of a pixel.

    `words` are what is said of each face.
    """
    return TimedFrame(time_seconds, tuple(map(_timed_face, tracked, words)))


class TimelineWriter:
    """Appends frames to a file."""

    def __init__(self, file: BinaryIO, labels: Sequence[str]) -> None:
        """Begin the file with the labels, which every reader needs."""
        self._file = file
        self._file.write(orjson.dumps(labels) + b"\n")

    def write(self, frame: TimedFrame) -> None:
        """Append one frame."""
        self._file.write(orjson.dumps(frame) + b"\n")


class Timeline:
    """Reads such a file, from its beginning each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.labels: tuple[str, ...] = tuple(orjson.loads(file.readline()))

    def __iter__(self) -> Iterator[TimedFrame]:
        """Yield the frames in the order of time."""
        with self._path.open("rb") as file:
            file.readline()
            for line in file:
                record = orjson.loads(line)
                faces = (
                    TimedFace(
                        face["track"],
                        Box(**face["box"]),
                        face["score"],
                        tuple(face["probabilities"]),
                        face["label"],
                        face["confidence"],
                    )
                    for face in record["faces"]
                )
                yield TimedFrame(record["time_seconds"], tuple(faces))


def _timed_face(tracked: TrackedFace, word: str) -> TimedFace:
    face = tracked.face
    box = face.box
    return TimedFace(
        tracked.track,
        Box(*(round(value, 2) for value in (box.x, box.y, box.width, box.height))),
        round(face.detection_score, 4),
        tuple(round(value, 6) for value in face.probabilities),
        word,
        round(face.probabilities[tracked.top], 6),
    )
