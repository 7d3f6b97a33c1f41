"""A moving average of the weights, which scores better than the weights themselves."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Arrays = list[npt.NDArray[np.float32]]

# Every eighth step is as good as every step, and an eighth of the copying.
_STRIDE = 8


class MovingAverage(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
    """Average of all weights of ``network``, the statistics of normalisation among them.

    The average is short at first, so that it leaves the random weights of the beginning behind.
    With momentum 0 it is the weights themselves.
    """

    def __init__(self, network: keras.Model, momentum: float) -> None:
        super().__init__()
        self._network = network
        self._momentum = momentum**_STRIDE
        self.updates = 0
        self.values: Arrays = _copy(network)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Take the weights in, every few steps."""
        del logs
        if self._momentum and batch % _STRIDE == 0:
            self._update()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Without an average, keep the weights as they are."""
        del epoch, logs
        if not self._momentum:
            self.values = _copy(self._network)

    def swap(self) -> None:
        """Exchange the network's weights and the average; call it again to go back."""
        current = _copy(self._network)
        for variable, value in zip(self._network.weights, self.values, strict=True):
            variable.assign(value)
        self.values = current

    def _update(self) -> None:
        self.updates += 1
        momentum = min(self._momentum, self.updates / (self.updates + 9))
        self.values = [
            momentum * kept + (1 - momentum) * keras.ops.convert_to_numpy(variable)
            for kept, variable in zip(self.values, self._network.weights, strict=True)
        ]


def _copy(network: keras.Model) -> Arrays:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in network.weights]
