"""Where live frames come from: a camera, or a video file that plays in real time."""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING

from mien_client.command.faults import CommandError
from mien_client.command.statuses import ExitStatus
from mien_client.errors import MissingExtraError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from PIL.Image import Image

LONGEST_SIDE = 1280
"""In pixels; larger frames are made smaller before they are sent."""
_QUALITY = 85
_CAMERA_FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame and when it was taken, in seconds since the beginning."""

    seconds: float
    frame: "VideoFrame"

    def as_jpeg(self) -> bytes:
        """Return the upright picture, not larger than is of use."""
        picture: Image = self.frame.to_image()  # type: ignore[no-untyped-call]
        turn = getattr(self.frame, "rotation", 0)
        if turn:
            picture = picture.rotate(turn, expand=True)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Source:
    """A camera, or a file."""

    name: str
    place: str
    format: str | None
    """The format of a camera; None for a file, which has its own times."""

    @property
    def is_camera(self) -> bool:
        """Whether frames come when the camera takes them."""
        return self.format is not None

    def shots(self, sleep: Callable[[float], object]) -> Iterator[Shot]:
        """Yield frames as time goes by; those of a file no sooner than they are due.

        Raises:
            CommandError: it cannot be opened or read, or PyAV is not installed.
        """
        av = _pyav()
        try:
            with av.open(self.place, format=self.format) as container:
                yield from self._read(container, sleep)
        except (av.error.FFmpegError, OSError) as error:
            message = f"{self.name} cannot be read: {_reason(error)}"
            raise CommandError(message, remedy=self._remedy) from error

    def _read(
        self, container: "InputContainer", sleep: Callable[[float], object]
    ) -> Iterator[Shot]:
        if not container.streams.video:
            message = f"{self.name} has no moving pictures in it"
            raise CommandError(message, remedy=self._remedy)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        begun = monotonic()
        zero: float | None = None
        for frame in container.decode(stream):
            passed = monotonic() - begun
            if self.is_camera or frame.time is None:
                yield Shot(passed, frame)
                continue
            zero = frame.time if zero is None else zero
            if frame.time - zero > passed:
                sleep(frame.time - zero - passed)
            yield Shot(round(frame.time - zero, 3), frame)

    @property
    def _remedy(self) -> str:
        if self.is_camera:
            return "Name another camera (a number, or its device), or a video file."
        return "Name a video file (MP4, MOV, WebM, Matroska, AVI ...), or a camera by its number."


def named(argument: str, platform: str = sys.platform) -> Source:
    """Return the source that an argument names: a number is a camera, so is a device.

    Raises:
        CommandError: there is no such file, or no cameras are known on this system.
    """
    path = Path(argument)
    if argument.isdecimal() or argument.startswith(("/dev/", "video=")):
        return _camera(argument, platform)
    if not path.is_file():
        message = f"{argument} is no file and no camera"
        raise CommandError(
            message,
            remedy="A camera has a number, 0 for the first one, or a device such as /dev/video0.",
            status=ExitStatus.MISUSED,
        )
    return Source(argument, str(path), None)


def _camera(argument: str, platform: str) -> Source:
    if platform not in _CAMERA_FORMATS:
        message = f"cameras are not known on {platform}"
        raise CommandError(message, remedy="Name a video file.", status=ExitStatus.MISUSED)
    place = argument
    if argument.isdecimal() and platform == "linux":
        place = f"/dev/video{argument}"
    if argument.isdecimal() and platform == "win32":
        message = "cameras have names on Windows"
        raise CommandError(
            message,
            remedy='Say video=NAME, such as "video=Integrated Camera".',
            status=ExitStatus.MISUSED,
        )
    return Source(f"camera {argument}", place, _CAMERA_FORMATS[platform])


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _pyav() -> ModuleType:
    # Only this command needs them: the others do without the extra.
    try:
        import av  # noqa: PLC0415
        import PIL.Image  # noqa: F401, PLC0415
    except ImportError as error:
        purpose = "Watching a camera or a file"
        raise MissingExtraError(purpose, "watch") from error
    return av
