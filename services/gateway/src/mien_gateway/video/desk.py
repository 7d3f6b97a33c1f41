"""The blocking half of a job: takes frames out of the video, puts results into files.

Everything here runs in one thread of its own, one call after the other: FFmpeg's objects
do not bear two threads, nor being closed while they are at work.
"""

import io
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from av.error import FFmpegError

from mien_gateway.analysis.judging import Judge
from mien_gateway.drawing.labels import labelled
from mien_gateway.video.annotated import AnnotatedVideo, annotated_video
from mien_gateway.video.options import VideoOptions
from mien_gateway.video.sampling import SampledFrame, Sampler
from mien_gateway.video.timeline import TimelineWriter, timed_frame
from mien_gateway.video.tracks import TrackedFace

_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Pulled:
    """A frame, and the same as a JPEG for the analysis."""

    frame: SampledFrame
    jpeg: bytes


class Desk:
    """One attempt at one video."""

    def __init__(
        self,
        sampler: Sampler,
        judge: Judge,
        labels: tuple[str, ...],
        timeline: Path,
        annotated: Path,
    ) -> None:
        self._options: VideoOptions = sampler.options
        self._judge = judge
        self._labels = labels
        self._frames: Generator[SampledFrame, None, None] = iter(sampler)
        self._closing = ExitStack()
        self._paths = (timeline, annotated)
        self._timeline: TimelineWriter | None = None
        self._video: AnnotatedVideo | None = None

    def open(self) -> None:
        """Begin the files."""
        timeline, annotated = self._paths
        file = self._closing.enter_context(timeline.open("wb"))
        self._timeline = TimelineWriter(file, self._labels)
        if self._options.annotate:
            rate = self._options.sample_rate
            self._video = self._closing.enter_context(annotated_video(annotated, rate))

    def pull(self) -> Pulled | None:
        """Return the next frame; None after the last one."""
        frame = next(self._frames, None)
        if frame is None:
            return None
        written = io.BytesIO()
        frame.image.save(written, "JPEG", quality=_QUALITY)
        return Pulled(frame, written.getvalue())

    def put(self, frame: SampledFrame, tracked: Sequence[TrackedFace]) -> None:
        """Write down what was found in a frame."""
        words = [self._judge.judge(one.face, self._labels, one.top).label for one in tracked]
        if self._timeline:
            self._timeline.write(timed_frame(frame.time_seconds, tracked, words))
        if self._video:
            faces = [
                labelled(one.face, self._labels, word=word, top=one.top, track=one.track)
                for one, word in zip(tracked, words, strict=True)
            ]
            self._video.add(frame.time_seconds - self._options.start, frame.image, faces)

    def abandon(self) -> None:
        """Close everything; who cancelled the job may have deleted the files already."""
        with suppress(FFmpegError, OSError):
            self.close()

    def close(self) -> None:
        """Close the video, and complete the files."""
        self._frames.close()
        self._closing.close()
