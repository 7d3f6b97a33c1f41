"""Opens video containers and samples their frames."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from mien_gateway.errors import UnsupportedVideoError
from mien_gateway.video.jobs import (
    FrameTooLargeError,
    TooManyFramesError,
    VideoLimits,
    VideoOptions,
    VideoTooLongError,
)

_LOOKED_AT_BYTES = 512
_TS_PACKET_BYTES = 188
_ATOMS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}

_CONTAINERS: dict[str, Callable[[bytes], bool]] = {
    "mov": lambda begin: begin[4:8] in _ATOMS,
    "matroska": lambda begin: begin.startswith(b"\x1a\x45\xdf\xa3"),
    "avi": lambda begin: begin[:4] == b"RIFF" and begin[8:12] == b"AVI ",
    "mpegts": lambda begin: begin[:1] == begin[_TS_PACKET_BYTES : _TS_PACKET_BYTES + 1] == b"G",
    "mpeg": lambda begin: begin.startswith(b"\x00\x00\x01\xba"),
    "ogg": lambda begin: begin.startswith(b"OggS"),
    "flv": lambda begin: begin.startswith(b"FLV\x01"),
}


def container_format(beginning: bytes) -> str:
    """Return FFmpeg's name of the container, by its first bytes.

    FFmpeg would guess as well, but knows formats that name other files and addresses.
    Raises UnsupportedVideoError for every other one.
    """
    for name, is_it in _CONTAINERS.items():
        if is_it(beginning):
            return name
    raise UnsupportedVideoError


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Yield the container and its first stream of moving pictures.

    Raises UnsupportedVideoError for what is no video, or one whose codec is not known.
    """
    with path.open("rb") as file:
        name = container_format(file.read(_LOOKED_AT_BYTES))
        file.seek(0)
        try:
            # By the open file, not by its name: no other protocol is within reach.
            container = av.open(file, "r", format=name, metadata_errors="replace")
        except (FFmpegError, OSError, ValueError) as error:
            raise UnsupportedVideoError from error
        with container:
            stream = _moving_pictures(container)
            stream.thread_type = "AUTO"
            yield container, stream


def check_video(path: Path) -> None:
    """Raise UnsupportedVideoError unless the file opens as a video."""
    with open_video(path):
        pass


def _moving_pictures(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        # A cover picture is not the video; what has no decoder here cannot be watched.
        if not stream.disposition & Disposition.attached_pic and _decodable(stream):
            return stream
    raise UnsupportedVideoError


def _decodable(stream: VideoStream) -> bool:
    # The type that PyAV declares does not say that it may be missing.
    return getattr(stream, "codec_context", None) is not None


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
        frames than asked for gives each of them once. Raises a JobError where the video is
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
            raise TooManyFramesError(self.limits.frames)

    def _check_stretch(self, seconds: float) -> None:
        if seconds > self.limits.seconds:
            raise VideoTooLongError(self.limits.seconds)

    def _check_pixels(self, pixels: int) -> None:
        if pixels > self.limits.pixels:
            raise FrameTooLargeError(self.limits.pixels)


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
