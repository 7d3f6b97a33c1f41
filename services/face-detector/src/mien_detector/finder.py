"""From the bytes of a picture to its faces and their crops."""

import hashlib
import time
from dataclasses import astuple, replace
from importlib.metadata import version

import cv2

from mien_detector.crops import cut, pixels_per_crop_pixel
from mien_detector.detectors.base import Detector
from mien_detector.frames import FRAME_VERSION, place_frame
from mien_detector.images.picture import Picture
from mien_detector.search import clip, search
from mien_detector.sharpness import sharpness
from mien_detector.tracing import span
from mien_detector.values import (
    CropShape,
    Face,
    Findings,
    FoundFace,
    ImageLimits,
    Selection,
    Timings,
)


class FaceFinder:
    """Decodes, detects and crops; safe for use by several threads at once."""

    def __init__(
        self,
        detector: Detector,
        *,
        limits: ImageLimits,
        selection: Selection,
        detection_side: int,
        response_bytes: int,
    ) -> None:
        """Take what holds for every picture.

        Args:
            detector: what finds faces.
            limits: pictures beyond them are refused.
            selection: holds where a caller says nothing.
            detection_side: the longer side of the picture given to the detector, pixels.
            response_bytes: crops beyond this are left out, smallest face first.
        """
        self._detector = detector
        self._limits = limits
        self._selection = selection
        self._detection_side = detection_side
        self._response_bytes = response_bytes
        self._version = self._make_version()

    @property
    def name(self) -> str:
        """The detector's name."""
        return self._detector.name

    @property
    def version(self) -> str:
        """Changes whenever the same picture may give other boxes or crops."""
        return self._version

    @property
    def limits(self) -> ImageLimits:
        """Pictures beyond them are refused."""
        return self._limits

    @property
    def selection(self) -> Selection:
        """Which faces are returned where a caller says nothing."""
        return self._selection

    def find(self, image: bytes, selection: Selection, shape: CropShape | None) -> Findings:
        """Return the faces, largest first, with crops where a shape is given.

        Raises:
            ImageError: the picture is refused.
        """
        started = time.perf_counter()
        with span("decode"):
            picture = Picture(image, self._limits)
            longer = max(picture.size.width, picture.size.height)
            reduction, pixels = picture.reduced(longer / self._detection_side)
        decoded = time.perf_counter()
        with span("detect") as detecting:
            faces = search(self._detector, pixels, picture.size, self._detection_side, selection)
            detecting.set_attribute("mien.faces", len(faces))
        detected = time.perf_counter()
        with span("crop"):
            found = self._cut_out(picture, reduction, faces, shape)
        ended = time.perf_counter()
        return Findings(
            size=picture.size,
            faces=found,
            timings=Timings(
                decode_ms=(decoded - started) * 1e3,
                detect_ms=(detected - decoded) * 1e3,
                crop_ms=(ended - detected) * 1e3,
            ),
        )

    def _cut_out(
        self, picture: Picture, reduction: int, faces: list[Face], shape: CropShape | None
    ) -> tuple[FoundFace, ...]:
        clipped = [replace(face, box=clip(face.box, picture.size)) for face in faces]
        if shape is None or not faces:
            return tuple(FoundFace(face, b"") for face in clipped)
        most = max(self._response_bytes // shape.size_bytes, 1)
        crops = self._crop(picture, reduction, faces[:most], shape)
        return tuple(
            FoundFace(face, crop, sharpness(crop, shape))
            for face, crop in zip(clipped, crops, strict=False)
        )

    def _crop(
        self, picture: Picture, reduction: int, faces: list[Face], shape: CropShape
    ) -> list[bytes]:
        frames = [place_frame(face) for face in faces]
        # Where the picture was reduced so far that a crop would be coarser than its own
        # pixels, it is decoded once more, finer: most pictures are decoded once.
        needed = min(pixels_per_crop_pixel(frame, shape) for frame in frames)
        reduction, image = picture.reduced(min(reduction, needed))
        return [cut(image, reduction, frame, shape) for frame in frames]

    def _make_version(self) -> str:
        settings = (
            *astuple(self._selection),
            self._detection_side,
            self._response_bytes,
            self._detector.engine,
            cv2.__version__,
        )
        digest = hashlib.sha256(repr(settings).encode()).hexdigest()
        package = version("mien-detector")
        return (
            f"{self.name}-{self._detector.fingerprint[:8]}-{digest[:8]}-f{FRAME_VERSION}-{package}"
        )
