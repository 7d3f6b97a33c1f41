"""Timelines as WebVTT: a cue per stretch of time in which a face keeps its label."""

from collections.abc import Iterator
from dataclasses import dataclass

from mien_gateway.video.timeline import TimedFrame, Timeline

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
