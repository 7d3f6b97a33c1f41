"""Opens videos of strangers: known containers only, and nothing that they point to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from mien_gateway.errors import UnsupportedVideoError

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
