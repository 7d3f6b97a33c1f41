"""Random numbers that a resumed run draws as an uninterrupted one would."""

from typing import Any

import keras
import numpy as np


class EpochSeed(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
    """Gives each epoch a seed of its own.

    PyTorch's dropout draws from one generator of the process, which no checkpoint holds. The seed
    is set when the epoch begins, not before: Keras draws too when it first builds a model.
    """

    def __init__(self, seed: int, rank: int = 0) -> None:
        """Processes that train together draw different numbers, told apart by their rank."""
        super().__init__()
        self._entropy = (seed, rank) if rank else (seed,)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the seed that run and epoch give."""
        del logs
        (seed,) = np.random.SeedSequence((*self._entropy, epoch)).generate_state(1)
        keras.utils.set_random_seed(int(seed))
