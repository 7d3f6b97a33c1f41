"""Takes frames from a video at a steady rate, whatever rate the video has."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from mien_gateway.video.containers import open_video
from mien_gateway.video.faults import TooManyFramesFault, TooManyPixelsFault, VideoTooLongFault
from mien_gateway.video.options import VideoLimits, VideoOptions

# Frames that cannot be decoded, one after the other, until the rest is given up.
_UNREADABLE_AT_MOST = 1000
# Timestamps are rounded by the container: half a millisecond early is in time.
_TOLERANCE_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class SampledFrame:
    """An upright picture, and its time in the video in seconds."""

    time_seconds: float
    image: Image.Image


@dataclass
class Sampler:
    """The frames of one video that are to be analysed, and what is known of them."""

    path: Path
    options: VideoOptions
    limits: VideoLimits
    expected: int = field(default=0, init=False)
    """How many frames will come, as far as the container tells."""
    unreadable: int = field(default=0, init=False)
    """How many pieces of the video could not be decoded so far."""

    def __iter__(self) -> Generator[SampledFrame, None, None]:
        """Yield the frames in the order of their times.

        Of every interval of the rate the first frame is taken, so that a video with fewer
        frames than asked for gives each of them once. Raises a VideoFault where the video is
        more than allowed, UnsupportedVideoError where it is none.
        """
        with open_video(self.path) as (container, stream):
            self._check(container, stream)
            zero = _begins_at(container, stream)
            due = self.options.start
            for frame in self._decoded(container, stream, zero):
                seconds = _time(frame) - zero
                if self.options.end is not None and seconds >= self.options.end:
                    return
                if seconds < due - _TOLERANCE_SECONDS:
                    continue
                self._check_stretch(seconds - self.options.start)
                due = self._next_due(seconds)
                yield SampledFrame(round(max(seconds, 0.0), 3), _upright(frame))

    def _decoded(
        self, container: InputContainer, stream: VideoStream, zero: float
    ) -> Iterator[VideoFrame]:
        """Yield what can be decoded, from the key frame before the start on."""
        if self.options.start > 0:
            self._seek(container, stream, zero)
        packets = container.demux(stream)
        in_a_row = 0
        while in_a_row < _UNREADABLE_AT_MOST:
            try:
                frames = next(packets).decode()
            except StopIteration:
                return
            except FFmpegError:
                self.unreadable += 1
                in_a_row += 1
                continue
            for frame in frames:
                in_a_row = 0
                if frame.pts is None:
                    continue  # it has no place in time
                self._check_pixels(frame.width * frame.height)
                yield frame

    def _seek(self, container: InputContainer, stream: VideoStream, zero: float) -> None:
        try:
            container.seek(int((self.options.start + zero) / _base(stream)), stream=stream)
        except FFmpegError:
            # A container without an index is read from its beginning.
            container.seek(0)

    def _next_due(self, seconds: float) -> float:
        """Return the next multiple of the interval, counted from the start."""
        rate, start = self.options.sample_rate, self.options.start
        passed = int((seconds - start + _TOLERANCE_SECONDS) * rate)
        return start + (passed + 1) / rate

    def _check(self, container: InputContainer, stream: VideoStream) -> None:
        self._check_pixels(stream.width * stream.height)
        length = _length(container, stream)
        if length is None:
            return
        stretch = max(min(length, self.options.end or length) - self.options.start, 0.0)
        self._check_stretch(stretch)
        rate = min(self.options.sample_rate, float(stream.average_rate or 0) or float("inf"))
        self.expected = max(1, round(stretch * rate))
        if self.expected > self.limits.frames:
            raise TooManyFramesFault(self.limits.frames)

    def _check_stretch(self, seconds: float) -> None:
        if seconds > self.limits.seconds:
            raise VideoTooLongFault(self.limits.seconds)

    def _check_pixels(self, pixels: int) -> None:
        if pixels > self.limits.pixels:
            raise TooManyPixelsFault(self.limits.pixels)


def _upright(frame: VideoFrame) -> Image.Image:
    """Return the picture, turned as the container says it is to be shown."""
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    # Counter-clockwise, as Pillow turns.
    turned = {
        90: Image.Transpose.ROTATE_90,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_270,
    }.get(frame.rotation % 360)
    return image.transpose(turned) if turned is not None else image


def _time(frame: VideoFrame) -> float:
    if frame.pts is None or frame.time_base is None:  # `_decoded` lets none through
        message = "a frame without a time"
        raise ValueError(message)
    return float(frame.pts * frame.time_base)


def _base(stream: VideoStream) -> float:
    return float(stream.time_base or 1 / av.time_base)


def _begins_at(container: InputContainer, stream: VideoStream) -> float:
    if stream.start_time is not None:
        return stream.start_time * _base(stream)
    return (container.start_time or 0) / av.time_base


def _length(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration is not None:
        return stream.duration * _base(stream)
    return container.duration / av.time_base if container.duration is not None else None
