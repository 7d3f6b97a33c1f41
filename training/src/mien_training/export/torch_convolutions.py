"""The torch.nn twins of Keras's convolutions, poolings and paddings."""

from typing import Any

import numpy as np
import torch
from keras import layers
from torch import nn

Edges = tuple[int, int, int, int]


def convolution(layer: layers.Conv2D) -> nn.Module:
    """Return the twin of a convolution, without its activation."""
    kernel, *bias = layer.get_weights()
    weight = torch.from_numpy(kernel).permute(3, 2, 0, 1)
    return _convolve(layer, weight, bias, layer.groups)


def depthwise(layer: layers.DepthwiseConv2D) -> nn.Module:
    """Return the twin of a convolution that sees one channel at a time."""
    kernel, *bias = layer.get_weights()
    weight = torch.from_numpy(kernel).permute(2, 3, 0, 1).flatten(0, 1).unsqueeze(1)
    return _convolve(layer, weight, bias, kernel.shape[2])


def max_pooling(layer: layers.MaxPooling2D) -> nn.Module:
    """Return the twin of a maximum; outside the map is less than everything."""
    return _after_padding(layer, nn.MaxPool2d(layer.pool_size, layer.strides), -float("inf"))


def average_pooling(layer: layers.AveragePooling2D) -> nn.Module:
    """Return the twin of a mean, which counts no place outside the map.

    Raises:
        ValueError: the places outside are more on one side, which torch cannot leave out.
    """
    left, right, top, bottom = _edges(layer, layer.pool_size)
    if (left, top) != (right, bottom):
        message = "uneven padding of a mean"
        raise ValueError(message)
    return nn.AvgPool2d(layer.pool_size, layer.strides, (top, left), count_include_pad=False)


def zero_padding(layer: layers.ZeroPadding2D) -> nn.Module:
    """Return the twin of a frame of zeros."""
    (top, bottom), (left, right) = layer.padding
    return nn.ZeroPad2d((left, right, top, bottom))


def _convolve(layer: Any, weight: torch.Tensor, bias: list[np.ndarray], groups: int) -> nn.Module:
    made = nn.Conv2d(
        weight.shape[1] * groups,
        weight.shape[0],
        layer.kernel_size,
        layer.strides,
        dilation=layer.dilation_rate,
        groups=groups,
        bias=bool(bias),
    )
    with torch.no_grad():
        made.weight.copy_(weight)
        if made.bias is not None:
            made.bias.copy_(torch.from_numpy(bias[0]))
    return _after_padding(layer, made, 0.0)


def _after_padding(layer: Any, made: nn.Conv2d | nn.MaxPool2d, outside: float) -> nn.Module:
    """Let ``made`` pad by itself where the sides are even, which is faster; else pad before it."""
    size = getattr(layer, "kernel_size", None) or layer.pool_size
    left, right, top, bottom = _edges(layer, size)
    if (left, top) == (right, bottom):
        made.padding = (top, left)
        return made
    return nn.Sequential(nn.ConstantPad2d((left, right, top, bottom), outside), made)


def _edges(layer: Any, size: tuple[int, int]) -> Edges:
    """Return left, right, top and bottom of TensorFlow's padding, for the layer's own input."""
    if layer.padding == "valid":
        return 0, 0, 0, 0
    dilation = getattr(layer, "dilation_rate", (1, 1))
    shape = layer.input.shape[1:3]
    (top, bottom), (left, right) = (
        _split(*one) for one in zip(shape, size, layer.strides, dilation, strict=True)
    )
    return left, right, top, bottom


def _split(side: int, size: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return the places before and after one axis; what is odd comes after."""
    reach = (size - 1) * dilation + 1
    total = max((-(-side // stride) - 1) * stride + reach - side, 0)
    return total // 2, total - total // 2
