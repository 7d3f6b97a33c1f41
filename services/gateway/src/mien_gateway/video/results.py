"""The results of a video: written frame by frame, read as JSON, CSV and WebVTT."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from mien_gateway.domain import Box, Face


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


def as_json(timeline: Timeline, job: dict[str, Any]) -> Iterator[bytes]:
    """Yield one document: the `job`, the `labels` and the `frames`."""
    opening = orjson.dumps({"job": job, "labels": timeline.labels})
    yield opening[:-1] + b',"frames":['
    separator = b""
    for frame in timeline:
        faces = [_face(face, timeline.labels) for face in frame.faces]
        yield separator + orjson.dumps({"time_seconds": frame.time_seconds, "faces": faces})
        separator = b","
    yield b"]}"


def as_csv(timeline: Timeline) -> Iterator[bytes]:
    """Yield a row per frame and face, a column per label."""
    head = ["time_seconds", "track", "x", "y", "width", "height", "label", "confidence"]
    yield _row([*head, *timeline.labels])
    for frame in timeline:
        rows = (
            _row(
                [
                    frame.time_seconds,
                    face.track,
                    *(face.box.x, face.box.y, face.box.width, face.box.height),
                    face.label,
                    face.confidence,
                    *face.probabilities,
                ]
            )
            for face in frame.faces
        )
        yield b"".join(rows)


def _face(face: TimedFace, labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "track": face.track,
        "box": face.box,
        "detection_score": face.score,
        "top": {"label": face.label, "probability": face.confidence},
        "probabilities": dict(zip(labels, face.probabilities, strict=True)),
    }


def _row(cells: list[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


# Frames of one stretch are at most so many sampling intervals apart.
_GAP_INTERVALS = 2.5


@dataclass(slots=True)
class _Stretch:
    """One face with one label, from its first frame to the last one so far."""

    track: int
    label: str
    begin: float
    last: float
    sum: float
    frames: int


def as_vtt(timeline: Timeline, sample_rate: float) -> Iterator[bytes]:
    """Yield the cues in the order of their ends; players sort by the beginning themselves."""
    yield b"WEBVTT\n\n"
    interval = 1 / sample_rate
    open_stretches: dict[int, _Stretch] = {}
    for frame in timeline:
        for stretch in _ended(open_stretches, frame, interval):
            yield _cue(stretch, min(stretch.last + interval, frame.time_seconds))
        _extend(open_stretches, frame)
    for stretch in open_stretches.values():
        yield _cue(stretch, stretch.last + interval)


def _ended(stretches: dict[int, _Stretch], frame: TimedFrame, interval: float) -> list[_Stretch]:
    """Take out what does not go on in this frame."""
    shown = {face.track: face.label for face in frame.faces}
    oldest = frame.time_seconds - _GAP_INTERVALS * interval
    ended = [
        stretch
        for stretch in stretches.values()
        if shown.get(stretch.track, stretch.label) != stretch.label or stretch.last < oldest
    ]
    for stretch in ended:
        del stretches[stretch.track]
    return ended


def _extend(stretches: dict[int, _Stretch], frame: TimedFrame) -> None:
    at = frame.time_seconds
    for face in frame.faces:
        stretch = stretches.setdefault(face.track, _Stretch(face.track, face.label, at, at, 0.0, 0))
        stretch.last = at
        stretch.sum += face.confidence
        stretch.frames += 1


def _cue(stretch: _Stretch, end: float) -> bytes:
    share = stretch.sum / stretch.frames
    return (
        f"{_clock(stretch.begin)} --> {_clock(max(end, stretch.begin + 0.001))}\n"
        f"#{stretch.track} {stretch.label} {share:.0%}\n\n"
    ).encode()


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
