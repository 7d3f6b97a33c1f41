"""Videos for tests: the sample photo, moved and zoomed, and the tracks that the worker needs."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image
from prometheus_client import CollectorRegistry

from mien_gateway.domain import Face
from mien_gateway.settings import Settings
from mien_gateway.video.job_store import new_id
from mien_gateway.video.jobs import VideoJob, VideoOptions
from mien_gateway.video.service import Videos, open_videos
from mien_stack.sample_photo import sample_photo
from tests.fakes.gateway import PYTORCH

SIZE = (320, 240)


@cache
def _photo() -> Image.Image:
    return Image.open(io.BytesIO(sample_photo())).convert("RGB")


def picture(place: float, size: tuple[int, int] = SIZE) -> Image.Image:
    """The sample photo: zoomed in and moved to the side as `place` goes from 0 to 1."""
    photo = _photo()
    side = photo.width * (1 - 0.2 * place)
    left, top = (photo.width - side) * place, (photo.height - side) * 0.3
    height = side * size[1] / size[0]
    return photo.resize(size, box=(left, top, left + side, top + height))


def write_video(
    path: Path,
    times: Sequence[float],
    *,
    size: tuple[int, int] = SIZE,
    rotation: int = 0,
    container: str = "mp4",
    codec: str = "libx264",
) -> Path:
    """Write a video with a frame at each of these times, in seconds."""
    clock = Fraction(1, 1000)
    with av.open(str(path), "w", format=container) as out:
        stream = cast("VideoStream", out.add_stream(codec, rate=25))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = clock
        stream.codec_context.gop_size = 12
        if rotation:
            stream.set_display_rotation(rotation)
        for index, time in enumerate(times):
            image = picture(index / max(1, len(times) - 1), size)
            frame = VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = round(time / clock), clock
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def steady(seconds: float, rate: float) -> list[float]:
    """The times of a video with a constant rate."""
    return [index / rate for index in range(round(seconds * rate))]


@dataclass(frozen=True, slots=True)
class NumberedFace:
    """A face with its place in the frame as its track."""

    face: Face
    track: int

    @property
    def top(self) -> int:
        """The most probable label."""
        return self.face.top


class FacesInOrder:
    """Takes the first face of each frame for the same one, the second one likewise."""

    def update(self, time_seconds: float, faces: Sequence[Face], /) -> list[NumberedFace]:
        """Number the faces."""
        del time_seconds
        return [NumberedFace(face, place) for place, face in enumerate(faces, 1)]


@asynccontextmanager
async def videos_in(
    folder: Path,
    redis_url: str,
    registry: CollectorRegistry | None = None,
    **settings: object,
) -> AsyncIterator[Videos]:
    """Everything that videos need, over a real Redis and a spool in this folder."""
    values = {"redis_url": redis_url, "spool_dir": folder / "spool", **settings}
    figures = registry or CollectorRegistry()
    async with open_videos(Settings.model_validate(values), figures) as videos:
        assert videos
        yield videos


async def submitted(videos: Videos, content: bytes, **options: object) -> VideoJob:
    """Put a video into the spool and its job into the queue, as the gateway does."""
    identifier = new_id()
    videos.spool.upload(identifier).write_bytes(content)
    asked = VideoOptions.from_record({"model": PYTORCH, **options})
    return await videos.submit(identifier, asked)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait until something has come true."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)
