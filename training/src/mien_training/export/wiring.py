"""The wiring of a Keras graph, read from its public configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from mien_training.errors import ExportError


@dataclass(frozen=True)
class Step:
    """One layer of a graph and the names of the layers it reads."""

    layer: keras.layers.Layer
    inputs: tuple[str, ...]


def steps(model: keras.Model) -> list[Step]:
    """Return the layers of ``model`` in an order in which each comes after what it reads.

    Raises:
        ExportError: a layer is used twice, which no network here needs.
    """
    return [_step(model, entry) for entry in model.get_config()["layers"]]


def output_name(model: keras.Model) -> str:
    """Return the name of the layer that makes the single output of ``model``."""
    names = list(_sources(model.get_config()["output_layers"]))
    if len(names) != 1:
        message = f"{model.name} has {len(names)} outputs; only graphs with one can be exported"
        raise ExportError(message)
    return names[0]


def _step(model: keras.Model, entry: dict[str, Any]) -> Step:
    nodes = entry["inbound_nodes"]
    if len(nodes) > 1:
        message = f"layer {entry['name']} is used {len(nodes)} times; give each use its own layer"
        raise ExportError(message)
    return Step(model.get_layer(entry["name"]), tuple(_tensors(nodes)))


def _tensors(node: Any) -> Iterator[str]:
    """Yield the layer behind every tensor that a serialised call mentions."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            yield node["config"]["keras_history"][0]
            return
        node = list(node.values())
    if isinstance(node, list | tuple):
        for value in node:
            yield from _tensors(value)


def _sources(outputs: Any) -> Iterator[str]:
    """Yield layer names from ``[name, node, tensor]`` or a list of such."""
    if outputs and isinstance(outputs[0], str):
        yield outputs[0]
        return
    for output in outputs:
        yield from _sources(output)
