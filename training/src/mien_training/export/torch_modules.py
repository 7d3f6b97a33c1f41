"""Small torch modules that torch.nn lacks, in NCHW."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class Scale(nn.Module):
    """Multiply and add constants, as Rescaling does."""

    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.scale = scale
        self.offset = offset

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` scaled, any shape."""
        return x * self.scale + self.offset


class ChannelScale(nn.Module):
    """Multiply and add one constant a channel: [N, C, H, W] to the same."""

    def __init__(self, scale: Tensor, offset: Tensor) -> None:
        super().__init__()
        self.scale = nn.Parameter(scale.reshape(-1, 1, 1))
        self.offset = nn.Parameter(offset.reshape(-1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` scaled."""
        return x * self.scale + self.offset


class Mean(nn.Module):
    """Average over the pixels: [N, C, H, W] to [N, C], or [N, C, 1, 1]."""

    def __init__(self, *, keep: bool = False) -> None:
        super().__init__()
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        """Return the averages."""
        return x.mean(dim=(2, 3), keepdim=self.keep)


class Reshape(nn.Module):
    """Give a tensor the shape it has in Keras, where channels come last."""

    def __init__(self, *, from_map: bool, shape: Sequence[int]) -> None:
        super().__init__()
        self.from_map = from_map
        self.shape = tuple(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x``, [N, C, H, W] or [N, ...], in the new shape; a map again as [N, C, H, W]."""
        if self.from_map:
            x = x.permute(0, 2, 3, 1)  # free: maps lie channels-last in memory
        x = x.reshape(-1, *self.shape)
        return x.permute(0, 3, 1, 2) if len(self.shape) == 3 else x  # noqa: PLR2004 - a map


class Added(nn.Module):
    """Add learned vectors: [N, T, F] to the same."""

    def __init__(self, vectors: Tensor) -> None:
        super().__init__()
        self.vectors = nn.Parameter(vectors)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` plus the vectors."""
        return x + self.vectors


class Attention(nn.Module):
    """Multi-head self-attention of Keras's weights: [N, T, F] to the same."""

    def __init__(self, heads: int, weights: Sequence[Tensor]) -> None:
        super().__init__()
        self.heads = heads
        query, query_bias, key, key_bias, value, value_bias, out, out_bias = weights
        # One product for all three is faster than three.
        kernels = [kernel.flatten(1) for kernel in (query, key, value)]
        biases = [bias.flatten() for bias in (query_bias, key_bias, value_bias)]
        self.entry = _linear(torch.cat(kernels, dim=1), torch.cat(biases))
        self.exit = _linear(out.flatten(0, 1), out_bias)

    def forward(self, x: Tensor, _: Tensor) -> Tensor:
        """Return what each place takes from all others; the second input is the first again."""
        parts = self.entry(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        taken = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        given: Tensor = self.exit(taken.transpose(1, 2).flatten(2))
        return given


def _linear(kernel: Tensor, bias: Tensor) -> nn.Linear:
    made = nn.Linear(*kernel.shape)
    with torch.no_grad():
        made.weight.copy_(kernel.T)
        made.bias.copy_(bias)
    return made
