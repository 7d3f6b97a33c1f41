"""A video on its way to Mien: read piece by piece, and told of as it goes."""

import io
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mien_client.pictures import Picture, binary

PIECE_BYTES = 256 * 1024

Progress = Callable[[int, int], object]
"""Called with the bytes sent so far, and with all of them."""


class Upload:
    """A video of known length that can be sent from its beginning, more than once."""

    def __init__(self, file: BinaryIO, on_progress: Progress | None) -> None:
        self._file = file
        self._begin = file.tell()
        self.length = file.seek(0, os.SEEK_END) - self._begin
        self._on_progress = on_progress

    def pieces(self) -> Iterator[bytes]:
        """Yield the video; the progress is told as each piece is asked for the next one."""
        self._file.seek(self._begin)
        sent = 0
        while piece := self._file.read(PIECE_BYTES):
            yield piece
            sent += len(piece)
            if self._on_progress:
                self._on_progress(sent, self.length)

    async def async_pieces(self) -> AsyncIterator[bytes]:
        """Yield the video; a local disk is fast enough for an event loop, piece by piece."""
        for piece in self.pieces():
            yield piece


@contextmanager
def opened(video: Picture, on_progress: Progress | None) -> Iterator[Upload]:
    """Yield the upload of a video: a path, bytes, or a file that can be rewound.

    Raises OSError where it cannot be read, TypeError where it is none of these.
    """
    if isinstance(video, bytes | bytearray | memoryview):
        yield Upload(io.BytesIO(video), on_progress)
    elif isinstance(video, str | os.PathLike):
        with Path(video).open("rb") as file:
            yield Upload(file, on_progress)
    else:
        yield Upload(binary(video), on_progress)
