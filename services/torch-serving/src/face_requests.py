"""Reads what callers send; it travels beside the handler in the archive.

It lies outside the package because a worker has nothing but these two files.
"""

import io
import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from PIL import Image, ImageOps

Tensors: TypeAlias = tuple[torch.Tensor, ...]

OWN_CLASS = -1
"""Stands for a face's own most probable class."""
_CLASS_BYTES = 8
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True)
class Request:
    """What somebody asks."""

    given: Tensors
    """Faces uint8 [N, H, W, C]; and, to explain them, classes int64 [N]."""
    is_picture: bool = False
    """Whether the face came as a picture, so that its probabilities are answered in words."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Makes requests from their parts, as the model wants them."""

    shape: tuple[int, int, int]
    """Height, width and channels of a face."""
    classes: int
    """How many the model knows."""
    max_faces: int
    """In one request."""
    max_pixels: int
    """Of a picture."""

    def read(self, parts: dict[str, Any], *, explain: bool) -> Request | str:
        """One request, or the reason why it cannot be read."""
        request = self._faces(parts.get("data", parts.get("body")))
        if isinstance(request, str) or not explain:
            return request
        (faces,) = request.given
        classes = self._classes(parts.get("classes"), len(faces))
        return classes if isinstance(classes, str) else Request((faces, classes))

    def _faces(self, body: Any) -> Request | str:
        if not isinstance(body, bytearray) or not body:
            return "send faces as bytes in `data`, or a JPEG, PNG or WebP file as the body"
        height, width, channels = self.shape
        size = height * width * channels
        whole = len(body) % size == 0
        if _is_picture(body, whole=whole):
            return self._decode(body)
        if not whole:
            return (
                f"{len(body)} bytes are no faces: each is {height} x {width} x {channels} uint8,"
                f" {size} bytes; nor are they a JPEG, PNG or WebP file"
            )
        if len(body) > self.max_faces * size:
            return f"{len(body) // size} faces are too many: send {self.max_faces} at most"
        return Request((torch.frombuffer(body, dtype=torch.uint8).view(-1, *self.shape),))

    def _decode(self, body: bytearray) -> Request | str:
        """One face from a picture that shows nothing else, shrunk as the detector shrinks."""
        height, width, channels = self.shape
        try:
            with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as picture:
                if picture.width * picture.height > self.max_pixels:
                    return f"the picture has more than {self.max_pixels} pixels"
                upright = ImageOps.exif_transpose(picture.convert(_MODES[channels]))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return "the picture cannot be decoded: is the file whole?"
        shrinks = upright.width >= width and upright.height >= height
        how = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
        face = bytearray(upright.resize((width, height), how).tobytes())
        faces = torch.frombuffer(face, dtype=torch.uint8).view(1, *self.shape)
        return Request((faces,), is_picture=True)

    def _classes(self, given: Any, count: int) -> torch.Tensor | str:
        """Classes int64 [N], or the reason why they are none."""
        if given is None:
            return torch.full((count,), OWN_CLASS)
        if not isinstance(given, bytearray) or len(given) != count * _CLASS_BYTES:
            return f"`classes` must be {count} x {_CLASS_BYTES} bytes, an int64 for each face"
        classes = struct.unpack(f"<{count}q", given)
        if not all(OWN_CLASS <= one < self.classes for one in classes):
            return f"classes are 0 to {self.classes - 1}, or {OWN_CLASS} for a face's own"
        return torch.tensor(classes)


def _is_picture(body: bytearray, *, whole: bool) -> bool:
    """Whether the bytes are a picture file; `whole` says that they might also be faces.

    Faces could begin with the three bytes of a JPEG file by chance, but hardly end like one.
    """
    if body.startswith(b"\xff\xd8\xff"):
        return not whole or body.endswith(b"\xff\xd9")
    return body.startswith(b"\x89PNG\r\n\x1a\n") or (
        body.startswith(b"RIFF") and body[8:12] == b"WEBP"
    )
