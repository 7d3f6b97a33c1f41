"""Folding batch normalisation into the convolution before it, framework-neutrally."""

from typing import Any

import keras
import numpy as np

from mien_training.export.wiring import Step, steps

_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def fold(network: keras.Model) -> keras.Model:
    """Return an equal network in which every foldable BatchNormalization is gone.

    Foldable is one that follows a linear convolution that feeds nothing else.
    """
    pairs = _foldable(steps(network))
    config = network.get_config()
    kept = [entry for entry in config["layers"] if entry["name"] not in pairs]
    for entry in kept:
        if entry["name"] in pairs.values():
            entry["config"]["use_bias"] = True
        entry["inbound_nodes"] = _rewire(entry["inbound_nodes"], pairs)
    folded = type(network).from_config({**config, "layers": kept})
    for layer in folded.layers:
        layer.set_weights(_weights(network, layer.name, pairs))
    return folded


def folded_name(network: keras.Model, layer: str) -> str:
    """Return the name of what gives the output of ``layer`` after ``fold``."""
    return _foldable(steps(network)).get(layer, layer)


def _foldable(graph: list[Step]) -> dict[str, str]:
    """Return names of normalisations, each with the convolution it folds into."""
    layers = {step.layer.name: step.layer for step in graph}
    readers = [name for step in graph for name in step.inputs]
    return {
        step.layer.name: step.inputs[0]
        for step in graph
        if isinstance(step.layer, keras.layers.BatchNormalization)
        and isinstance(layers[step.inputs[0]], _CONVOLUTIONS)
        and layers[step.inputs[0]].activation is keras.activations.linear
        and readers.count(step.inputs[0]) == 1
    }


def _rewire(node: Any, pairs: dict[str, str]) -> Any:
    """Let every reader of a folded normalisation read the convolution instead."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            name, *position = node["config"]["keras_history"]
            history = [pairs.get(name, name), *position]
            return {**node, "config": {**node["config"], "keras_history": history}}
        return {key: _rewire(value, pairs) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_rewire(value, pairs) for value in node]
    return node


def _weights(network: keras.Model, name: str, pairs: dict[str, str]) -> list[np.ndarray]:
    layer = network.get_layer(name)
    values: list[np.ndarray] = layer.get_weights()
    norm = next((norm for norm, convolution in pairs.items() if convolution == name), None)
    if norm is None:
        return values
    kernel = values[0]
    scale, shift = affine(network.get_layer(norm))
    bias = values[1] if len(values) > 1 else np.zeros_like(shift)
    # A depthwise kernel [h, w, channels, multiplier] spreads its outputs over the last two axes.
    return [kernel * scale.reshape(_output_axes(layer, kernel)), bias * scale + shift]


def _output_axes(layer: keras.layers.Layer, kernel: np.ndarray) -> tuple[int, ...]:
    deep = isinstance(layer, keras.layers.DepthwiseConv2D)
    return kernel.shape[2:] if deep else kernel.shape[3:]


def affine(norm: keras.layers.BatchNormalization) -> tuple[np.ndarray, np.ndarray]:
    """Return the scale and shift, each [C], that a normalisation is in inference."""
    mean, variance = (
        keras.ops.convert_to_numpy(v) for v in (norm.moving_mean, norm.moving_variance)
    )
    scale = 1 / np.sqrt(variance + norm.epsilon)
    if norm.scale:
        scale = scale * keras.ops.convert_to_numpy(norm.gamma)
    shift = -mean * scale
    if norm.center:
        shift = shift + keras.ops.convert_to_numpy(norm.beta)
    return scale, shift
