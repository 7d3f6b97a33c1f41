"""What every baseline answers: the faces with their boxes and probabilities."""

from collections.abc import Sequence
from typing import Any

from detection import FoundFace

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Of FER2013, in the order of the model's outputs."""


def answer(faces: Sequence[FoundFace], rows: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Return the document for faces and their rows of probabilities."""
    return {"faces": [_face(*pair) for pair in zip(faces, rows, strict=True)]}


def _face(face: FoundFace, row: Sequence[float]) -> dict[str, Any]:
    probabilities = dict(zip(LABELS, row, strict=True))
    top = max(probabilities, key=lambda label: probabilities[label])
    return {
        "box": {"x": face.x, "y": face.y, "width": face.width, "height": face.height},
        "top": {"label": top, "probability": probabilities[top]},
        "probabilities": probabilities,
    }
