"""Makes the detector that the settings ask for."""

import structlog

from mien_detector.detectors.base import Detector
from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.detectors.model_file import ModelSource, find_or_download
from mien_detector.detectors.yunet import YuNet
from mien_detector.errors import ModelUnavailableError
from mien_detector.values import DetectorChoice

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
