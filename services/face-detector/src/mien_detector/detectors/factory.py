"""What every detector does, and which one is used."""

from typing import Protocol

import structlog

from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.detectors.model_file import ModelSource, find_or_download
from mien_detector.detectors.yunet import YuNet
from mien_detector.errors import ModelUnavailableError
from mien_detector.types import DetectorChoice, Face, Image


class Detector(Protocol):
    """Finds faces; safe for use by several threads at once."""

    @property
    def name(self) -> str:
        """`yunet` or `libfacedetection`."""

    @property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 of the file that holds the weights."""

    @property
    def engine(self) -> str:
        """What computes, with its version."""

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """Return the faces in any order, in pixels of the given upright picture.

        Boxes may reach over the edge. Every score is at least `minimum_score`, 0 to 1.
        """


_log = structlog.get_logger()


def make_detector(choice: DetectorChoice, source: ModelSource) -> Detector:
    """Return the wanted detector; `auto` means YuNet where its file can be had.

    Raises:
        ModelUnavailableError: the wanted detector, or with `auto` both, cannot be made.
    """
    if choice is DetectorChoice.LIBFACEDETECTION:
        return LibFaceDetection()
    try:
        return YuNet(find_or_download(source))
    except ModelUnavailableError as error:
        if choice is DetectorChoice.YUNET:
            raise
        _log.warning("falling back to libfacedetection", reason=str(error))
        return LibFaceDetection()
