"""Takes a video in: raw or as a form, from the network to the disk, never whole in memory."""

import asyncio
from functools import partial
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request

from mien_gateway.errors import (
    InvalidRequestError,
    UnsupportedVideoError,
    UploadTooSlowError,
    VideoTooLargeError,
)
from mien_gateway.http.multipart_files import FileOfForm
from mien_gateway.http.uploads import COMPRESSED
from mien_gateway.steadiness.fair_limit import FairLimit
from mien_gateway.video.service import UploadLimits
from mien_gateway.video.spool import in_thread

_ENVELOPE_BYTES = 64 * 1024
# Written in pieces of that size, each by a thread: a disk may be slow.
_PIECE_BYTES = 1024 * 1024


class VideoIntake:
    """Receives videos, a bounded number of them at a time."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._uploads = FairLimit(limits.at_a_time, limits.share)

    async def receive(self, request: Request, path: Path) -> None:
        """Write the video of a request to a new file; nothing stays of one that fails.

        Raises VideoTooLargeError, UploadTooSlowError, OverloadedError, or what is wrong
        with the form.
        """
        self._check_head(request)
        with self._uploads.reserve(request.state.caller.identity, 1):
            try:
                async with asyncio.timeout(self._limits.seconds):
                    await self._write(request, path)
            except BaseException as error:
                await in_thread(partial(path.unlink, missing_ok=True))
                if isinstance(error, TimeoutError):
                    raise UploadTooSlowError(self._limits.seconds) from error
                raise

    def _check_head(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedVideoError(*COMPRESSED)
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal():
            message = "`Content-Length` is not a number"
            raise InvalidRequestError(message)
        if int(announced) > self._limits.bytes + _ENVELOPE_BYTES:
            raise VideoTooLargeError(self._limits.bytes)

    async def _write(self, request: Request, path: Path) -> None:
        form = _form(request)
        file = await in_thread(lambda: path.open("xb", buffering=0))
        try:
            length = await self._copy(request, form, file)
        finally:
            await in_thread(file.close)
        if form:
            form.finish()
        if not length:
            message = "The video is empty: send the bytes of a video"
            raise InvalidRequestError(message)

    async def _copy(self, request: Request, form: FileOfForm | None, file: BinaryIO) -> int:
        """Return how many bytes the video has."""
        piece = bytearray()
        length = 0
        async for chunk in request.stream():
            content = form.feed(chunk) if form else chunk
            length += len(content)
            if length > self._limits.bytes:
                raise VideoTooLargeError(self._limits.bytes)
            piece += content
            if len(piece) >= _PIECE_BYTES:
                await _flush(file, piece)
        await _flush(file, piece)
        return length


async def _flush(file: BinaryIO, piece: bytearray) -> None:
    content = bytes(piece)
    piece.clear()
    await in_thread(file.write, content)


def _form(request: Request) -> FileOfForm | None:
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return FileOfForm(content_type)
    if media_type.startswith("image/") or media_type.endswith("json"):
        raise UnsupportedVideoError
    return None
