"""A Keras graph rewritten as one plain torch module."""

import keras
import torch
from torch import fx, nn

from mien_training.export.torch_layers import twin
from mien_training.export.wiring import output_name, steps


def torch_module(serving: keras.Model) -> nn.Module:
    """Return the twin of a graph from uint8 [N, H, W, C]; a map it gives is [N, F, h, w]."""
    root, graph = nn.Module(), fx.Graph()
    faces = graph.placeholder("faces")
    planes = graph.call_method("permute", (faces, 0, 3, 1, 2))
    numbers = graph.call_method("to", (planes, torch.float32))
    return _module(serving, numbers, root, graph)


def torch_head(head: keras.Model) -> nn.Module:
    """Return the twin of a graph from a map, which it takes as float32 [N, F, h, w]."""
    root, graph = nn.Module(), fx.Graph()
    return _module(head, graph.placeholder("map"), root, graph)


def _module(model: keras.Model, given: fx.Node, root: nn.Module, graph: fx.Graph) -> nn.Module:
    graph.output(_emit(model, given, root, graph))
    graph.lint()
    return fx.GraphModule(root, graph).eval()


def _emit(model: keras.Model, given: fx.Node, root: nn.Module, graph: fx.Graph) -> fx.Node:
    """Write the layers of ``model`` into ``graph`` and return the node of its output."""
    made: dict[str, fx.Node] = {}
    for step in steps(model):
        inputs = [made[name] for name in step.inputs]
        layer = step.layer
        if isinstance(layer, keras.layers.InputLayer):
            made[layer.name] = given
        elif isinstance(layer, keras.Model):
            made[layer.name] = _emit(layer, inputs[0], root, graph)
        else:
            made[layer.name] = _call(layer, inputs, root, graph)
    return made[output_name(model)]


def _call(
    layer: keras.layers.Layer, inputs: list[fx.Node], root: nn.Module, graph: fx.Graph
) -> fx.Node:
    found = twin(layer)
    if found is None:
        return inputs[0]
    if isinstance(found, nn.Module):
        root.add_module(layer.name, found)
        return graph.call_module(layer.name, tuple(inputs))
    return graph.call_function(found, tuple(inputs))
