"""YuNet on ONNX Runtime.

ONNX Runtime needs less than half the time of OpenCV's FaceDetectorYN for the same file; the
README of this service has the figures, `python -m mien_detector.compare` measures them.
"""

import hashlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from mien_detector.errors import ModelUnavailableError
from mien_detector.types import Box, Face, Image, Landmarks, Point

NAME: Final = "yunet"

# The network answers for every cell of three grids, whose cells are so many pixels wide.
_STRIDES: Final = (8, 16, 32)
_MULTIPLE = _STRIDES[-1]
_SAME_FACE_OVERLAP = 0.45  # as in the published evaluation

Floats = npt.NDArray[np.float32]


class YuNet:
    """The detector of a model file; one session serves all threads."""

    def __init__(self, model_file: Path) -> None:
        """Load the file; raise ModelUnavailableError where that fails."""
        self._session = _open_session(model_file)
        self._fingerprint = hashlib.sha256(model_file.read_bytes()).hexdigest()

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
        return f"onnxruntime {onnxruntime.__version__}"

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """See Detector."""
        padded = _pad(image)
        outputs = self._session.run(None, {"input": _planes(padded)})
        columns = [padded.shape[1] // stride for stride in _STRIDES]
        candidates = np.concatenate(
            [
                _decode(outputs[grid::3], stride, columns[grid], minimum_score)
                for grid, stride in enumerate(_STRIDES)
            ]
        )
        return [_to_face(row) for row in _drop_repeated(candidates, minimum_score)]


def _open_session(model_file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread a picture: the pool already keeps every core busy with a picture of its
    # own, and the runtime's helper threads would spin on the cores of the other services.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(
            str(model_file), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the runtime's own errors share no base class
        message = f"{model_file} cannot be loaded: {error}"
        raise ModelUnavailableError(message) from error


def _pad(image: Image) -> Image:
    """Add black to the right and below, up to whole cells of the coarsest grid."""
    height, width = image.shape[:2]
    below, right = -height % _MULTIPLE, -width % _MULTIPLE
    if not below and not right:
        return image
    padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(padded, np.uint8)


def _planes(image: Image) -> Floats:
    """Return [1, 3, height, width]; OpenCV's blobFromImage takes a detour in between."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[np.newaxis], np.float32)


def _decode(outputs: list[Floats], stride: int, columns: int, minimum_score: float) -> Floats:
    """Return one row per likely cell: box x, y, width, height, five points, score.

    `outputs` are class score, objectness, box and points of one grid, cell by cell.
    """
    scores, objectness, boxes, points = (output[0] for output in outputs)
    combined = np.sqrt(np.clip(scores[:, 0], 0, 1) * np.clip(objectness[:, 0], 0, 1))
    cells = np.flatnonzero(combined >= minimum_score)
    corners = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    sides = np.exp(boxes[cells, 2:]) * stride
    starts = (corners + boxes[cells, :2]) * stride - sides / 2
    places = (np.tile(corners, 5) + points[cells]) * stride
    return np.concatenate([starts, sides, places, combined[cells, None]], axis=1)


def _drop_repeated(candidates: Floats, minimum_score: float) -> Floats:
    """Keep the best row of each group that lies on the same face."""
    if len(candidates) == 0:
        return candidates
    kept = cv2.dnn.NMSBoxes(
        candidates[:, :4].tolist(), candidates[:, -1].tolist(), minimum_score, _SAME_FACE_OVERLAP
    )
    return candidates[np.asarray(kept, np.intp).ravel()]


def _to_face(row: Floats) -> Face:
    values = row.tolist()
    points = [Point(*values[start : start + 2]) for start in range(4, 14, 2)]
    return Face(Box(*values[:4]), Landmarks(*points), values[14])
