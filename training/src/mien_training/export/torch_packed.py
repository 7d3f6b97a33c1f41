"""Convolutions as oneDNN likes them: weights packed once, the ReLU after them in the same pass.

What the file holds stays plain tensors. They are packed when it is loaded, for the processor that
loads it; on a GPU the plain ones are used.
"""

from typing import TypeAlias

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

Saved: TypeAlias = tuple[
    Tensor, Tensor, list[int], list[int], list[int], int, list[int], bool, bool
]
"""Weight, bias, stride, padding, dilation, groups; the shape of one input [1, C, H, W], for which
the weights are laid out, though any N may come; whether a ReLU follows; whether it is trained."""


class PackedConvolution(nn.Module):
    """A convolution, and the ReLU after it where there is one: [N, C, H, W] to [N, F, h, w]."""

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.__setstate__(saved)

    @torch.jit.export
    def __getstate__(self) -> Saved:
        """Return what is saved: torch 2.13 cannot save packed weights with a ReLU."""
        return (
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.shape,
            self.has_relu,
            self.training,
        )

    @torch.jit.export
    def __setstate__(self, saved: Saved) -> None:
        """Pack the weights in oneDNN's layout, when made and when loaded."""
        self.weight = saved[0]
        self.bias = saved[1]
        self.stride = saved[2]
        self.padding = saved[3]
        self.dilation = saved[4]
        self.groups = saved[5]
        self.shape = saved[6]
        self.has_relu = saved[7]
        self.training = saved[8]
        self.packed = torch.ops.mkldnn_prepacked.conv2d_prepack(
            self.weight.cpu(),
            self.bias.cpu(),
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.shape,
            "relu" if self.has_relu else "none",
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the map."""
        # Torch's own matrix product needs less preparation, which a single face notices.
        is_small = x.shape[0] == 1 and self.weight.shape[2] * self.weight.shape[3] == 1
        if is_small or x.is_cuda:
            made = torch.conv2d(
                x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
            )
            return torch.relu_(made) if self.has_relu else made
        found: Tensor = torch.ops.mkldnn_prepacked.conv2d_run(x, self.packed)
        return found


def pack_convolutions(module: nn.Module, faces: Tensor) -> None:
    """Replace the convolutions of a traced graph, in place; ``faces`` are an example of its input.

    Does nothing where torch was built without oneDNN.
    """
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # bare
    if not isinstance(module, fx.GraphModule) or not has_onednn:
        return
    ShapeProp(module).propagate(faces)
    for node in module.graph.nodes:
        found = _called(module, node)
        if isinstance(found, nn.Conv2d):
            _pack(module, node, found)
    module.graph.lint()
    module.recompile()


def _pack(module: fx.GraphModule, node: fx.Node, found: nn.Conv2d) -> None:
    users = list(node.users)
    relu = users[0] if [type(_called(module, user)) for user in users] == [nn.ReLU] else None
    saved = (
        found.weight.detach(),
        torch.zeros(found.out_channels) if found.bias is None else found.bias.detach(),
        list(found.stride),
        [int(places) for places in found.padding],
        list(found.dilation),
        found.groups,
        [1, *node.all_input_nodes[0].meta["tensor_meta"].shape[1:]],
        relu is not None,
        False,
    )
    module.add_submodule(str(node.target), torch.jit.script(PackedConvolution(saved)))
    if relu is not None:
        relu.replace_all_uses_with(node)
        module.graph.erase_node(relu)


def _called(module: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    return module.get_submodule(str(node.target)) if node.op == "call_module" else None
