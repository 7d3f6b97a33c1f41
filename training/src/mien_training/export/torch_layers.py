"""The plain torch.nn twin of each Keras layer, in NCHW."""

import operator
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from keras import layers
from torch import nn

from mien_training.architectures.vit_tiny import Positions
from mien_training.errors import ExportError
from mien_training.export.folding import affine
from mien_training.export.torch_convolutions import (
    average_pooling,
    convolution,
    depthwise,
    max_pooling,
    zero_padding,
)
from mien_training.export.torch_modules import (
    Added,
    Attention,
    ChannelScale,
    Mean,
    Reshape,
    Scale,
)

Twin = nn.Module | Callable[..., Any]

_MAP_AXES = 4


def twin(layer: keras.layers.Layer) -> Twin | None:
    """Return what computes the same as ``layer`` in inference, or None where it does nothing.

    Raises:
        ExportError: the layer or one of its settings has no twin here.
    """
    for kind, make in _TWINS.items():
        if isinstance(layer, kind):
            try:
                return make(layer)
            except ValueError as exc:
                message = f"layer {layer.name}: {exc} has no TorchScript twin"
                raise ExportError(message) from exc
    message = f"layer {layer.name} is a {type(layer).__name__}, which has no TorchScript twin"
    raise ExportError(message)


def _refuse(what: str) -> None:
    raise ValueError(what)


def _convolution(layer: layers.Conv2D) -> nn.Module:
    if layer.data_format != "channels_last":
        _refuse(f"data format {layer.data_format}")
    return _activated(layer, convolution(layer))


def _normalisation(layer: layers.BatchNormalization) -> nn.Module:
    scale, shift = affine(layer)
    made = nn.BatchNorm2d(len(scale), eps=0.0)
    # Mean 0 and variance 1 leave only the scale and the shift that inference needs.
    made.load_state_dict(
        {"weight": torch.from_numpy(scale), "bias": torch.from_numpy(shift)}, strict=False
    )
    return made


def _dense(layer: layers.Dense) -> nn.Module:
    if len(layer.input.shape) == _MAP_AXES:
        _refuse("a dense layer over a map")
    kernel, *bias = layer.get_weights()
    made = nn.Linear(kernel.shape[0], kernel.shape[1], bias=bool(bias))
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(kernel).T)
        if bias:
            made.bias.copy_(torch.from_numpy(bias[0]))
    return _activated(layer, made)


def _layer_norm(layer: layers.LayerNormalization) -> nn.Module:
    if len(layer.input.shape) == _MAP_AXES or not (layer.scale and layer.center):
        _refuse("this layer normalisation")
    made = nn.LayerNorm(layer.input.shape[-1], eps=layer.epsilon)
    with torch.no_grad():
        for parameter, value in zip((made.weight, made.bias), layer.get_weights(), strict=True):
            parameter.copy_(torch.from_numpy(value))
    return made


def _attention(layer: layers.MultiHeadAttention) -> nn.Module:
    weights = [torch.from_numpy(value) for value in layer.get_weights()]
    if len(weights) != 8:  # noqa: PLR2004 - four kernels with a bias each
        _refuse("attention without biases")
    return Attention(layer.num_heads, weights)


def _standardisation(layer: layers.Normalization) -> nn.Module | None:
    """Return the twin of (x - mean) / sqrt(variance), or None where that changes nothing."""
    mean, variance = (np.ravel(keras.ops.convert_to_numpy(v)) for v in (layer.mean, layer.variance))
    if not mean.any() and (variance == 1).all():
        return None
    scale = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
    return ChannelScale(torch.from_numpy(scale), torch.from_numpy(-mean * scale))


def _reshape(layer: layers.Layer) -> nn.Module:
    return Reshape(from_map=len(layer.input.shape) == _MAP_AXES, shape=layer.output.shape[1:])


def _activated(layer: layers.Layer, made: nn.Module) -> nn.Module:
    """Return ``made`` followed by the activation that the Keras layer has inside."""
    after = _activation(layer)
    return made if after is None else nn.Sequential(made, after)


def _activation(layer: layers.Layer) -> nn.Module | None:
    name = layer.activation.__name__
    if name not in _ACTIVATIONS:
        _refuse(f"activation {name}")
    make = _ACTIVATIONS[name]
    return make() if make else None


def _relu(layer: layers.ReLU) -> nn.Module:
    if layer.negative_slope or layer.threshold or layer.max_value not in {None, 6.0}:
        _refuse("slope, threshold or maximum")
    return nn.ReLU6() if layer.max_value else nn.ReLU()


def _concatenate(layer: layers.Concatenate) -> Twin:
    if layer.axis not in {-1, len(layer.output.shape) - 1}:
        _refuse(f"axis {layer.axis}")
    return lambda *parts: torch.cat(parts, dim=1)


_ACTIVATIONS: dict[str, Callable[[], nn.Module] | None] = {
    "linear": None,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
_TWINS: dict[type[Any], Callable[[Any], Twin | None]] = {
    layers.DepthwiseConv2D: lambda layer: _activated(layer, depthwise(layer)),
    layers.Conv2D: _convolution,
    layers.BatchNormalization: _normalisation,
    layers.Dense: _dense,
    layers.LayerNormalization: _layer_norm,
    layers.MultiHeadAttention: _attention,
    layers.Normalization: _standardisation,
    layers.Activation: _activation,
    layers.ReLU: _relu,
    layers.MaxPooling2D: max_pooling,
    layers.AveragePooling2D: average_pooling,
    layers.GlobalAveragePooling2D: lambda layer: Mean(keep=layer.keepdims),
    layers.ZeroPadding2D: zero_padding,
    layers.Rescaling: lambda layer: Scale(float(layer.scale), float(layer.offset)),
    layers.Softmax: lambda _: nn.Softmax(dim=-1),
    layers.Flatten: _reshape,
    layers.Reshape: _reshape,
    layers.Concatenate: _concatenate,
    layers.Add: lambda _: operator.add,
    layers.Multiply: lambda _: operator.mul,
    layers.Dropout: lambda _: None,
    Positions: lambda layer: Added(torch.from_numpy(layer.get_weights()[0])),
}
