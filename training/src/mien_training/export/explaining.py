"""The check that an exported graph explains a face as Grad-CAM does on its model."""

from collections.abc import Callable

import cv2
import keras
import numpy as np
import numpy.typing as npt

from mien_training.errors import ExportError
from mien_training.evaluation.gradcam import class_maps
from mien_training.export.checking import Bytes, Floats, drawn_faces
from mien_training.graphs import scaled_bytes

Longs = npt.NDArray[np.int64]
Explain = Callable[[Bytes, Longs], tuple[Floats, Floats]]

TOLERANCE = 1e-3
"""Maps reach to 1; their sums of products with both signs lose more digits than probabilities."""
_SIZES = (1, 7)
OWN = -1
"""Stands for a face's own most probable class."""


def check_explained(network: keras.Model, layer: str, exported: Explain) -> float:
    """Return the largest difference of maps on drawn faces, each asked for another class.

    Args:
        network: from scaled faces to logits, as it was before the export.
        layer: the one whose map is explained.
        exported: from faces and classes to probabilities and maps.

    Raises:
        ExportError: maps have another shape or differ by more than ``TOLERANCE``.
    """
    classes = network.output_shape[-1]
    faces = drawn_faces(sum(_SIZES), network.input_shape[1:])
    asked = np.arange(len(faces)) % (classes + 1) + OWN
    parts = np.cumsum(_SIZES)[:-1]
    return max(
        _difference(network, layer, exported, *part)
        for part in zip(np.split(faces, parts), np.split(asked, parts), strict=True)
    )


def expected_maps(network: keras.Model, layer: str, faces: Bytes, classes: Longs) -> Floats:
    """Return float32 [N, H, W]: the model's own maps, in the size of its faces."""
    scaled = scaled_bytes(faces)
    logits = keras.ops.convert_to_numpy(network(scaled, training=False))
    asked = np.where(classes == OWN, logits.argmax(axis=1), classes)
    maps = class_maps(network, layer, scaled, asked.tolist())
    height, width = faces.shape[1:3]
    return np.stack([cv2.resize(one, (width, height)) for one in maps])


def _difference(
    network: keras.Model, layer: str, exported: Explain, faces: Bytes, classes: Longs
) -> float:
    right = expected_maps(network, layer, faces, classes)
    _, found = exported(faces, classes)
    if found.shape != right.shape:
        message = f"the exported graph gives maps {found.shape} where the model gives {right.shape}"
        raise ExportError(message)
    difference = float(np.abs(found - right).max())
    # Written so that a not-a-number fails too.
    if not difference <= TOLERANCE:
        message = f"the exported maps differ from the model's by {difference:.2g} > {TOLERANCE}"
        raise ExportError(message)
    return difference
