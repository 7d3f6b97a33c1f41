"""The plain torch.nn twin of each Keras layer, in NCHW."""

import operator
from collections.abc import Callable
from typing import Any

import keras
import torch
from keras import layers
from torch import Tensor, nn

from mien_training.errors import ExportError
from mien_training.export.folding import affine

Twin = nn.Module | Callable[..., Any]


class Scale(nn.Module):
    """Multiply and add constants, as Rescaling does."""

    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.scale = scale
        self.offset = offset

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` scaled, any shape."""
        return x * self.scale + self.offset


class Mean(nn.Module):
    """Average over the pixels: [N, C, H, W] to [N, C]."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the averages."""
        return x.mean(dim=(2, 3))


def twin(layer: keras.layers.Layer) -> Twin | None:
    """Return what computes the same as ``layer`` in inference, or None where it does nothing.

    Raises:
        ExportError: the layer or one of its settings has no twin here.
    """
    for kind, make in _TWINS.items():
        if isinstance(layer, kind):
            return make(layer)
    message = f"layer {layer.name} is a {type(layer).__name__}, which has no TorchScript twin yet"
    raise ExportError(message)


def _convolution(layer: layers.Conv2D) -> nn.Module:
    kernel, *bias = layer.get_weights()
    _refuse(
        layer, layer.data_format != "channels_last" or layer.groups != 1, "data format or groups"
    )
    made = nn.Conv2d(
        layer.input.shape[-1],
        layer.filters,
        layer.kernel_size,
        layer.strides,
        padding=_padding(layer),
        dilation=layer.dilation_rate,
        bias=bool(bias),
    )
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(kernel).permute(3, 2, 0, 1))
        if made.bias is not None:
            made.bias.copy_(torch.from_numpy(bias[0]))
    return _activated(layer, made)


def _padding(layer: layers.Conv2D) -> tuple[int, int] | int:
    """Return the padding of both sides; TensorFlow's uneven "same" of strided layers has none."""
    if layer.padding == "valid":
        return 0
    even = all(size % 2 for size in layer.kernel_size) and set(layer.strides) == {1}
    _refuse(layer, not even, 'padding "same" with a stride or an even kernel')
    height, width = (
        d * (k - 1) // 2 for d, k in zip(layer.dilation_rate, layer.kernel_size, strict=True)
    )
    return height, width


def _normalisation(layer: layers.BatchNormalization) -> nn.Module:
    scale, shift = affine(layer)
    made = nn.BatchNorm2d(len(scale), eps=0.0)
    # Mean 0 and variance 1 leave only the scale and the shift that inference needs.
    made.load_state_dict(
        {"weight": torch.from_numpy(scale), "bias": torch.from_numpy(shift)}, strict=False
    )
    return made


def _dense(layer: layers.Dense) -> nn.Module:
    kernel, *bias = layer.get_weights()
    made = nn.Linear(kernel.shape[0], kernel.shape[1], bias=bool(bias))
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(kernel).T)
        if bias:
            made.bias.copy_(torch.from_numpy(bias[0]))
    return _activated(layer, made)


def _pooling(layer: layers.MaxPooling2D) -> nn.Module:
    _refuse(layer, layer.padding != "valid", 'padding "same"')
    return nn.MaxPool2d(layer.pool_size, layer.strides)


def _activated(layer: layers.Layer, made: nn.Module) -> nn.Module:
    """Return ``made`` followed by the activation that the Keras layer has inside."""
    if layer.activation is keras.activations.linear:
        return made
    _refuse(layer, layer.activation is not keras.activations.relu, "activation")
    return nn.Sequential(made, nn.ReLU())


def _relu(layer: layers.ReLU) -> nn.Module:
    odd = layer.max_value is not None or layer.negative_slope or layer.threshold
    _refuse(layer, bool(odd), "slope, threshold or maximum")
    return nn.ReLU()


def _concatenate(_: layers.Concatenate) -> Twin:
    return lambda *parts: torch.cat(parts, dim=1)


def _refuse(layer: layers.Layer, refused: bool, what: str) -> None:
    if refused:
        message = f"layer {layer.name}: its {what} has no TorchScript twin yet"
        raise ExportError(message)


_TWINS: dict[type[Any], Callable[[Any], Twin | None]] = {
    layers.Conv2D: _convolution,
    layers.BatchNormalization: _normalisation,
    layers.Dense: _dense,
    layers.ReLU: _relu,
    layers.MaxPooling2D: _pooling,
    layers.GlobalAveragePooling2D: lambda _: Mean(),
    layers.Rescaling: lambda layer: Scale(float(layer.scale), float(layer.offset)),
    layers.Softmax: lambda _: nn.Softmax(dim=-1),
    layers.Concatenate: _concatenate,
    layers.Add: lambda _: operator.add,
    layers.Dropout: lambda _: None,
}
