"""How far a measured accuracy may be from the true one (B. Efron, 1979)."""

import numpy as np
import numpy.typing as npt

_RESAMPLES = 2000
_SEED = 0


def accuracy_interval(right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of ``right`` [N], by the percentiles of resamples.

    Drawing N faces with replacement makes the number of right ones binomial, so that the counts
    can be drawn at once.
    """
    count = len(right)
    drawn = np.random.default_rng(_SEED).binomial(count, right.mean(), _RESAMPLES)
    low, high = np.percentile(drawn / count, [2.5, 97.5])
    return float(low), float(high)
