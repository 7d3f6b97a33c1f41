"""Cartoon faces that are drawn, not photographed: something to try everything with."""

from pathlib import Path

import cv2
import numpy as np

from mien_training.datasets.faces import Bytes, Faces, Parts, labelled
from mien_training.datasets.fer2013 import LABELS

_SIDE = 48
_TRAINING, _VALIDATION = 60, 20
_SEED = 7

# How each expression is drawn, in fractions of the face: how far the mouth's middle lies below its
# corners, how open the mouth is, how open the eyes are, how far the brows' inner ends are lowered.
_MANNERS = {
    "angry": (-0.03, 0.02, 0.04, 0.07),
    "disgust": (-0.08, 0.05, 0.02, 0.05),
    "fear": (-0.02, 0.09, 0.09, -0.06),
    "happy": (0.12, 0.03, 0.05, 0.0),
    "sad": (-0.10, 0.0, 0.03, -0.08),
    "surprise": (0.0, 0.16, 0.09, -0.02),
    "neutral": (0.0, 0.0, 0.05, 0.0),
}


class Drawn:
    """FER2013's seven expressions as cartoons; small, always the same, and needing no files.

    Good for trying programs, not for recognising people's expressions.
    """

    title = "Drawn cartoon faces"
    licence = "Drawn by a program of this repository: free to use, and of no use on photographs"
    remedy = "it is drawn anew each time, so nothing can be missing"

    def files(self, folder: Path) -> list[Path]:
        """Return no files: the pictures follow from this module alone."""
        del folder
        return []

    def read(self, folder: Path) -> Parts:
        """Draw the training and the validation part; the folder is not looked into."""
        del folder
        rng = np.random.default_rng(_SEED)
        return Parts(LABELS, _draw_part(_TRAINING, rng), _draw_part(_VALIDATION, rng))


def draw_face(expression: str, rng: np.random.Generator) -> Bytes:
    """Return uint8 [48, 48, 1]: one cartoon, a little different each time."""
    bend, mouth, eyes, lowered = np.array(_MANNERS[expression]) + rng.normal(0, 0.008, 4)
    skin, ink = int(rng.integers(150, 230)), int(rng.integers(0, 60))
    canvas = np.full((_SIDE, _SIDE), int(rng.integers(30, 130)), np.uint8)
    middle = _SIDE / 2 + rng.uniform(-2, 2, 2)
    size = _SIDE * rng.uniform(0.9, 1.05)
    _oval(canvas, middle, (0.42 * size, 0.48 * size), skin)
    for side in (-1, 1):
        eye = middle + size * np.array([0.17 * side, -0.1])
        _oval(canvas, eye, (0.07 * size, max(eyes, 0.01) * size), 255)
        _oval(canvas, eye, (0.03 * size, min(max(eyes, 0.01), 0.04) * size), ink)
        inner = middle + size * np.array([0.08 * side, -0.24 + lowered])
        outer = middle + size * np.array([0.27 * side, -0.24])
        cv2.line(canvas, _place(inner), _place(outer), ink, 2)
    _mouth(canvas, middle + size * np.array([0, 0.22]), size, (bend, mouth), ink)
    noisy = canvas + rng.normal(0, 8, canvas.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)[:, :, np.newaxis]


def _draw_part(count: int, rng: np.random.Generator) -> Faces:
    faces = [draw_face(expression, rng) for expression in LABELS for _ in range(count)]
    labels = np.repeat(np.arange(len(LABELS), dtype=np.uint8), count)
    return labelled(np.stack(faces), labels, len(LABELS))


def _mouth(
    canvas: Bytes, place: np.ndarray, size: float, shape: tuple[float, float], ink: int
) -> None:
    """Draw two arcs between the corners, and the dark between them where the mouth is open."""
    bend, height = shape
    across = np.linspace(-1, 1, 15)
    arc = 1 - across**2
    upper = np.stack([0.16 * across, (bend - height / 2) * arc], axis=1)
    lower = np.stack([0.16 * across, (bend + height / 2) * arc], axis=1)
    outline = place + size * np.concatenate([upper, lower[::-1]])
    points = np.rint(outline).astype(np.int32)
    cv2.fillPoly(canvas, [points], ink)
    cv2.polylines(canvas, [points], isClosed=True, color=ink)


def _oval(canvas: Bytes, middle: np.ndarray, radii: tuple[float, float], level: int) -> None:
    axes = (max(1, round(radii[0])), max(1, round(radii[1])))
    cv2.ellipse(canvas, _place(middle), axes, 0, 0, 360, level, -1)


def _place(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
