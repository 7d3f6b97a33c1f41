"""Writes the annotated video: the sampled frames with their faces, at their own times."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from mien_gateway.drawing.annotate import LabelledFace, draw_faces

LONGEST_SIDE = 1280
"""A video that shows labels needs no more; 4K would take most of the worker's time."""

_CLOCK = Fraction(1, 1000)
_CODECS = (
    ("libx264", {"preset": "veryfast", "crf": "23"}),
    ("mpeg4", {"qscale": "3"}),
)


class AnnotatedVideo:
    """A video under way; its size is that of the first frame."""

    def __init__(self, container: OutputContainer, sample_rate: float) -> None:
        self._container = container
        self._sample_rate = sample_rate
        self._stream: VideoStream | None = None

    def add(self, time_seconds: float, image: Image.Image, faces: Sequence[LabelledFace]) -> None:
        """Draw the faces and append the frame."""
        stream = self._stream or self._begin(image)
        self._stream = stream
        size = (stream.width, stream.height)
        canvas = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        draw_faces(canvas, [face.scaled(size[0] / image.width) for face in faces])
        frame = VideoFrame.from_image(canvas)  # type: ignore[no-untyped-call]
        frame.pts = round(time_seconds / _CLOCK)
        frame.time_base = _CLOCK
        frame.duration = round(1 / self._sample_rate / _CLOCK)
        self._container.mux(stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self._stream:
            self._container.mux(self._stream.encode())

    def _begin(self, image: Image.Image) -> VideoStream:
        name, options = next(
            (name, options) for name, options in _CODECS if name in av.codecs_available
        )
        rate = Fraction(self._sample_rate).limit_denominator(1000)
        stream = cast(
            "VideoStream", self._container.add_stream(name, rate=rate, options=dict(options))
        )
        shrink = min(1.0, LONGEST_SIDE / max(image.size))
        # Chroma has half the resolution: sides must be even.
        stream.width = max(2, round(image.width * shrink / 2) * 2)
        stream.height = max(2, round(image.height * shrink / 2) * 2)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _CLOCK
        # One key frame every few seconds makes it seekable.
        stream.codec_context.gop_size = max(1, round(self._sample_rate * 4))
        return stream


@contextmanager
def annotated_video(path: Path, sample_rate: float) -> Iterator[AnnotatedVideo]:
    """Yield a video that is complete afterwards, its index in front so that it can be streamed."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = AnnotatedVideo(container, sample_rate)
        yield video
        video.finish()
