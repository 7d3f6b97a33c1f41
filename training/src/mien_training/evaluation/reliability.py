"""Whether confidence is as high as accuracy (C. Guo et al., ICML 2017)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.integer[Any]]

BINS = 15


@dataclass(frozen=True)
class Reliability:
    """Bins of equal width over the confidence, the highest probability of a face.

    Attributes:
        counts: [15], faces in each bin.
        confidence: [15], mean confidence; 0 in an empty bin.
        accuracy: [15], share of right answers; 0 in an empty bin.
    """

    counts: npt.NDArray[np.int64]
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Expected calibration error: the mean gap, each bin weighted by its faces."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float((gaps * self.counts).sum() / self.counts.sum())


def reliability(probabilities: Floats, labels: Indices) -> Reliability:
    """Return the bins of ``probabilities`` [N, classes] against ``labels`` [N]."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    faces = np.maximum(counts, 1)
    return Reliability(
        counts,
        np.bincount(bins, weights=confidence, minlength=BINS) / faces,
        np.bincount(bins, weights=right, minlength=BINS) / faces,
    )


def without_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return what the probabilities would be if the logits had not been divided."""
    logits = temperature * np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
