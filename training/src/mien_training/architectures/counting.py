"""Multiply-adds of a network for one face: convolutions, dense layers and attention.

Normalisation, activations and pooling are left out, as papers do; the exports fold most of them.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import keras
from keras import layers


def multiply_adds(network: keras.Model) -> int:
    """Return how many products are added up for one face."""
    return sum(_of(layer) for layer in network.layers)


def _of(layer: layers.Layer) -> int:
    for kind, count in _COUNTS.items():
        if isinstance(layer, kind):
            return count(layer)
    return 0


def _places(layer: layers.Layer) -> int:
    """Return how often the kernel is applied: the output without batch and channels."""
    return int(prod(layer.output.shape[1:-1]))


def _kernel(layer: layers.Layer) -> int:
    # A convolution's kernel already has the channels of one group only.
    return int(prod(layer.kernel.shape)) * _places(layer)


def _attention(layer: layers.MultiHeadAttention) -> int:
    """Count the four projections of every place, and every place's products with all others."""
    places, width = layer.output.shape[1:]
    inner = layer.num_heads * layer.key_dim
    return int(places * 4 * width * inner + 2 * places * places * inner)


_COUNTS: dict[type[Any], Callable[[Any], int]] = {
    layers.DepthwiseConv2D: _kernel,
    layers.Conv2D: _kernel,
    layers.Dense: _kernel,
    layers.MultiHeadAttention: _attention,
}
