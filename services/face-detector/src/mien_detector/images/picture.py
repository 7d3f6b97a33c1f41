"""An encoded picture, decoded no finer than needed."""

from typing import Final

import cv2
import numpy as np

from mien_detector.errors import UnreadableImageError
from mien_detector.images import png
from mien_detector.images.header import ImageFormat, read_header
from mien_detector.images.layout import MalformedError, turn_upright
from mien_detector.types import Image, ImageLimits, Size

# The decoder leaves the orientation alone: it is applied here, alike for every format.
_FLAGS: Final = {
    1: cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION,
    2: cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION,
    4: cv2.IMREAD_REDUCED_COLOR_4 | cv2.IMREAD_IGNORE_ORIENTATION,
    8: cv2.IMREAD_REDUCED_COLOR_8 | cv2.IMREAD_IGNORE_ORIENTATION,
}


class Picture:
    """One picture whose header was found good.

    A JPEG is decoded straight at 1/2, 1/4 or 1/8 of its size where that is enough, which
    takes a fifth of the time for 12 megapixels; other formats know no such short cut.
    Not safe for use by several threads.
    """

    def __init__(self, data: bytes, limits: ImageLimits) -> None:
        """Read the header; raise ImageError where the picture is refused."""
        self._data = data
        self._header = read_header(data, limits)
        self._reductions = (
            tuple(sorted(_FLAGS, reverse=True)) if self._is(ImageFormat.JPEG) else (1,)
        )
        self._decoded: tuple[int, Image] | None = None

    @property
    def size(self) -> Size:
        """The size of the upright picture."""
        return self._header.size

    def reduced(self, at_most: float) -> tuple[int, Image]:
        """Return the upright picture made smaller by 1, 2, 4 or 8, and that factor.

        The factor is the largest that is not above `at_most`, or 1. One pixel of the
        result covers factor x factor pixels of the picture, to within one pixel of the result.

        Raises:
            UnreadableImageError: the picture is truncated or corrupt.
        """
        factor = next((known for known in self._reductions if known <= at_most), 1)
        if self._decoded is None or self._decoded[0] != factor:
            self._decoded = (factor, self._decode(factor))
        return self._decoded

    def _decode(self, factor: int) -> Image:
        try:
            data = png.without_extras(self._data) if self._is(ImageFormat.PNG) else self._data
            image = cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[factor])
        except (MalformedError, cv2.error) as error:
            raise self._unreadable() from error
        stored = self._header.stored
        expected = (-(-stored.height // factor), -(-stored.width // factor), 3)
        if image is None or image.shape != expected:
            raise self._unreadable()
        return turn_upright(np.asarray(image, np.uint8), self._header.orientation)

    def _is(self, kind: ImageFormat) -> bool:
        return self._header.format is kind

    def _unreadable(self) -> UnreadableImageError:
        return UnreadableImageError(f"the {self._header.format} is truncated or corrupt")
