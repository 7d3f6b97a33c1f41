"""Figures of a classifier on a labelled set, from its probabilities."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.integer[Any]]

_BINS = 15


class Figures(BaseModel):
    """What one twin reaches; fractions of 1, classes in the order of the labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accuracy: float
    """Share of faces whose top class is the label."""
    macro_f1: float
    """Mean over classes of the harmonic mean of precision and recall."""
    recall: tuple[float, ...]
    """Share of each class that was found."""
    confusion: tuple[tuple[int, ...], ...]
    """Faces per true class (row) and given class (column)."""
    ece: float
    """Expected calibration error of the probabilities as served."""
    ece_uncalibrated: float
    """The same without the temperature."""


def measure(probabilities: Floats, labels: Indices, temperature: float) -> Figures:
    """Return the figures of served ``probabilities`` [N, classes] against ``labels`` [N]."""
    matrix = confusion_matrix(probabilities.argmax(axis=1), labels, probabilities.shape[1])
    found = np.diag(matrix)
    recall = found / np.maximum(matrix.sum(axis=1), 1)
    f1 = 2 * found / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)
    plain = without_temperature(probabilities, temperature)
    return Figures(
        accuracy=_round(found.sum() / matrix.sum()),
        macro_f1=_round(f1.mean()),
        recall=tuple(_round(value) for value in recall),
        confusion=tuple(tuple(int(count) for count in row) for row in matrix),
        ece=_round(calibration_error(probabilities, labels)),
        ece_uncalibrated=_round(calibration_error(plain, labels)),
    )


def confusion_matrix(given: Indices, labels: Indices, classes: int) -> npt.NDArray[np.int64]:
    """Return counts [true class, given class]."""
    pairs = labels.astype(np.int64) * classes + given
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def calibration_error(probabilities: Floats, labels: Indices) -> float:
    """Return the mean gap between confidence and accuracy over 15 equal bins of confidence."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(labels))


def without_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return what the probabilities would be if the logits had not been divided."""
    logits = temperature * np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _round(value: float) -> float:
    return round(float(value), 4)
