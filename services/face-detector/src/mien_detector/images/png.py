"""The layout of a PNG file, and the part of it that a decoder needs.

OpenCV's decoder trusts a PNG. It takes memory for as many bytes as a chunk claims to have, so
that 40 bytes of file took gigabytes; and it unpacks all that is packed, however much more
than pixels that is, so that one megabyte of file took two seconds. Both are checked here.
What the pixels do not need, such as notes, profiles and animation, is kept from it.
"""

import contextlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from mien_detector.images.layout import UPRIGHT, Layout, MalformedError, read_orientation, unpack

_SIGNATURE_BYTES = 8
_HEADER_BYTES = 13
_FRAME_BYTES = 12  # length, type and checksum around each chunk's data
_ANCILLARY = 0x20  # the bit of a type's first letter that says: not needed for the pixels
_TRANSPARENCY = b"tRNS"
# Ten megabytes in chunks of 160 bytes; without an end, ten megabytes of empty chunks would
# keep the interpreter busy for most of a second.
_MAXIMUM_CHUNKS = 65_536
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the header's colour type
_MAXIMUM_RATIO = 1032  # of the packing
_HARMLESS_BYTES = 2**29  # take a second to unpack, as the largest honest picture does
_STEP_BYTES = 16_384  # unpacked at once; they become 17 megabytes at most


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    end: int

    @property
    def is_needed(self) -> bool:
        return self.kind == _TRANSPARENCY or not self.kind[0] & _ANCILLARY


def read_layout(data: bytes) -> Layout:
    """Return size and orientation; raise MalformedError where they cannot be found."""
    if data[12:16] != b"IHDR" or unpack(">I", data, 8) != (_HEADER_BYTES,):
        message = "the first chunk is not IHDR"
        raise MalformedError(message)
    width, height = unpack(">II", data, 16)
    return Layout(width, height, _find_orientation(data))


def without_extras(data: bytes) -> bytes:
    """Return the file with nothing in it but what makes the pixels.

    Raises:
        MalformedError: a chunk is cut short, there are too many, or more is packed in them
            than the pixels need.
    """
    chunks = list(_chunks(data))
    _check_packed(data, chunks)
    if all(chunk.is_needed for chunk in chunks):
        return data
    kept = (data[chunk.start : chunk.end] for chunk in chunks if chunk.is_needed)
    return data[:_SIGNATURE_BYTES] + b"".join(kept)


def _check_packed(data: bytes, chunks: list[_Chunk]) -> None:
    packed = sum(chunk.end - chunk.start for chunk in chunks if chunk.kind == b"IDAT")
    if packed * _MAXIMUM_RATIO <= _HARMLESS_BYTES:
        return
    allowed = _unpacked_bytes(data)
    unpacker = zlib.decompressobj()
    found = 0
    for step in _packed_steps(data, chunks):
        try:
            found += len(unpacker.decompress(step))
        except zlib.error as error:
            raise MalformedError(str(error)) from error
        if found > allowed:
            message = f"more is packed in it than the {allowed} bytes its pixels may need"
            raise MalformedError(message)


def _packed_steps(data: bytes, chunks: list[_Chunk]) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk.kind == b"IDAT":
            end = chunk.end - 4
            for start in range(chunk.start + 8, end, _STEP_BYTES):
                yield data[start : min(start + _STEP_BYTES, end)]


def _unpacked_bytes(data: bytes) -> int:
    """Return more bytes than the pixels can need, interlaced or not."""
    width, height, depth, colour = unpack(">IIBB", data, 16)
    row_bytes = width * depth * _CHANNELS.get(colour, 4) // 8 + 2
    return 2 * row_bytes * height + _STEP_BYTES


def _find_orientation(data: bytes) -> int:
    # A file that is cut short is told so when it is decoded, unless its size is too large.
    with contextlib.suppress(MalformedError):
        for chunk in _chunks(data):
            if chunk.kind == b"eXIf":
                return read_orientation(data[chunk.start + 8 : chunk.end - 4])
    return UPRIGHT


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Yield the chunks up to the last; what follows it is not part of the picture."""
    start = _SIGNATURE_BYTES
    for _ in range(_MAXIMUM_CHUNKS):
        (length,) = unpack(">I", data, start)
        chunk = _Chunk(data[start + 4 : start + 8], start, start + _FRAME_BYTES + length)
        if chunk.end > len(data):
            message = f"a chunk at byte {start} claims {length} bytes"
            raise MalformedError(message)
        yield chunk
        if chunk.kind == b"IEND":
            return
        start = chunk.end
    message = f"it has more than {_MAXIMUM_CHUNKS} chunks"
    raise MalformedError(message)
