"""Sheets of faces for the report: what was right, what was wrong, what was a near thing."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.integer[Any]]

_SCALE = 2
_GAP = 4


def notable_rows(probabilities: Floats, labels: Indices, most: int) -> dict[str, list[int]]:
    """Return the rows of the most confident right and wrong answers and of the least certain."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    falling = np.argsort(-confidence, kind="stable")
    return {
        "right": falling[right[falling]][:most].tolist(),
        "wrong": falling[~right[falling]][:most].tolist(),
        "uncertain": falling[::-1][:most].tolist(),
    }


def sheet(faces: list[Bytes], columns: int) -> Bytes:
    """Return one picture, uint8 [height, width, 3], of equal faces in rows of ``columns``."""
    tiles = [_tile(face) for face in faces]
    blank = np.full_like(tiles[0], 255)
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    rows[-1] += [blank] * (columns - len(rows[-1]))
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def png(picture: Bytes) -> bytes:
    """Return an RGB picture as the bytes of a PNG file."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return bytes(encoded)


def _tile(face: Bytes) -> Bytes:
    colour = face if face.shape[2] > 1 else np.repeat(face, 3, axis=2)
    large = colour.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
    edges = ((_GAP, _GAP), (_GAP, _GAP), (0, 0))
    return np.pad(large, edges, constant_values=255).astype(np.uint8)
