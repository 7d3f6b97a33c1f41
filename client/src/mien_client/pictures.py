"""Pictures as callers have them: bytes, a path, or a file that is open for reading bytes."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import BinaryIO

Picture = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO
"""The encoded picture (JPEG, PNG, WebP or BMP), or where it is; a `str` is a path."""


def picture_bytes(picture: Picture) -> bytes:
    """Return the encoded picture.

    Raises OSError where it cannot be read, TypeError where it is none of these.
    """
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str | os.PathLike):
        with open(picture, "rb") as file:  # noqa: PTH123 - a path-like need not be a Path
            return file.read()
    content = binary(picture).read()
    return bytes(content)


def binary(file: BinaryIO) -> BinaryIO:
    """Return the file; raises TypeError where it is none, or is open for reading text."""
    # Callers without a type checker pass anything.
    read = getattr(file, "read", None)
    if read is None:
        message = (
            f"expected bytes, a path, or a file open for reading bytes, not {type(file).__name__}"
        )
        raise TypeError(message)
    if not isinstance(read(0), bytes | bytearray | memoryview):
        message = "the file is open for reading text: open it for reading bytes, with mode 'rb'"
        raise TypeError(message)
    return file


async def async_pictures(
    pictures: AsyncIterable[Picture] | Iterable[Picture],
) -> AsyncIterator[bytes]:
    """Yield the encoded pictures; a plain iterable may block, and is asked in a thread."""
    if isinstance(pictures, AsyncIterable):
        async for picture in pictures:
            yield picture_bytes(picture)
        return
    encoded = map(picture_bytes, pictures)
    while (image := await asyncio.to_thread(next, encoded, None)) is not None:
        yield image
