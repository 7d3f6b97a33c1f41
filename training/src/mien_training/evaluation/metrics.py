"""Figures of a classifier on a labelled set, from its probabilities."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from mien_training.evaluation.bootstrap import accuracy_interval
from mien_training.evaluation.calibration import cross_entropy
from mien_training.evaluation.reliability import reliability, without_temperature

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.integer[Any]]


class Figures(BaseModel):
    """What one twin reaches; fractions of 1, classes in the order of the labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accuracy: float
    """Share of faces whose top class is the label."""
    accuracy_interval: tuple[float, float]
    """95 % interval of the accuracy, by bootstrap."""
    unseen_accuracy: float
    """Accuracy on the faces whose picture is not in the training part too."""
    ten_crop_accuracy: float
    """Accuracy of the mean over five crops and their mirror images; not what is served."""
    balanced_accuracy: float
    """Mean of the recall of the classes."""
    macro_f1: float
    """Mean over classes of the harmonic mean of precision and recall."""
    weighted_f1: float
    """The same mean, each class weighted by its faces."""
    precision: tuple[float, ...]
    """Share of the faces given a class that are of it."""
    recall: tuple[float, ...]
    """Share of each class that was found."""
    f1: tuple[float, ...]
    """Harmonic mean of precision and recall."""
    confusion: tuple[tuple[int, ...], ...]
    """Faces per true class (row) and given class (column)."""
    nll: float
    """Mean negative log-likelihood of the labels, as served."""
    ece: float
    """Expected calibration error of the probabilities as served."""
    ece_uncalibrated: float
    """The same without the temperature."""


def measure(
    probabilities: Floats,
    ten_crop: Floats,
    labels: Indices,
    seen: npt.NDArray[np.bool_],
    temperature: float,
) -> Figures:
    """Return the figures of served probabilities.

    Args:
        probabilities: [N, classes], as served.
        ten_crop: [N, classes], mean over ten views.
        labels: [N].
        seen: [N], whether the picture is in the training part too.
        temperature: the divisor of the logits that is inside the probabilities.
    """
    right = probabilities.argmax(axis=1) == labels
    matrix = confusion_matrix(probabilities.argmax(axis=1), labels, probabilities.shape[1])
    found, given, true = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    recall = found / np.maximum(true, 1)
    f1 = 2 * found / np.maximum(given + true, 1)
    plain = without_temperature(probabilities, temperature)
    low, high = accuracy_interval(right)
    return Figures(
        accuracy=_round(right.mean()),
        accuracy_interval=(_round(low), _round(high)),
        unseen_accuracy=_round(right[~seen].mean()),
        ten_crop_accuracy=_round((ten_crop.argmax(axis=1) == labels).mean()),
        balanced_accuracy=_round(recall.mean()),
        macro_f1=_round(f1.mean()),
        weighted_f1=_round((f1 * true).sum() / true.sum()),
        precision=_rounded(found / np.maximum(given, 1)),
        recall=_rounded(recall),
        f1=_rounded(f1),
        confusion=tuple(tuple(int(count) for count in row) for row in matrix),
        nll=_round(cross_entropy(np.log(np.maximum(probabilities, 1e-12)), labels)),
        ece=_round(reliability(probabilities, labels).error),
        ece_uncalibrated=_round(reliability(plain, labels).error),
    )


def confusion_matrix(given: Indices, labels: Indices, classes: int) -> npt.NDArray[np.int64]:
    """Return counts [true class, given class]."""
    pairs = labels.astype(np.int64) * classes + given
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def confusions(matrix: Indices, most: int) -> list[tuple[int, int, int, float]]:
    """Return the ``most`` notable errors: true class, given class, faces, share of the true.

    Ordered by the share, so that a small class's confusion is not hidden by a large one's.
    """
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    pairs = [
        (true, given, int(matrix[true, given]), float(shares[true, given]))
        for true, given in np.argwhere(~np.eye(len(matrix), dtype=bool)).tolist()
        if matrix[true, given]
    ]
    return sorted(pairs, key=lambda pair: -pair[3])[:most]


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(_round(value) for value in values)


def _round(value: float) -> float:
    return round(float(value), 4)
