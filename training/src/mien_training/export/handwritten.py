"""The SqueezeNet as somebody would write it in PyTorch by hand: what exports are held against.

Written from the paper and `architectures/squeezenet.py`, with the normalisation folded, as one
would for serving; it reads the same weights file.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

Arrays = Mapping[str, np.ndarray]

_STAGES = (
    ((64, 16), (128, 16)),
    ((128, 32), (256, 32), (256, 32), (256, 32)),
    ((256, 48), (384, 48), (384, 48), (384, 64), (512, 64)),
)
_EPSILON = 1e-3  # Keras's default


class Fire(nn.Module):
    """Squeeze to few channels, expand by 1x1 and 3x3 side by side, add the input if it fits."""

    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.expand1 = nn.Conv2d(squeeze, 4 * squeeze, 1)
        self.expand3 = nn.Conv2d(squeeze, 4 * squeeze, 3, padding=1)
        self.bypass = channels == 8 * squeeze

    def forward(self, x: Tensor) -> Tensor:
        """Return [N, 8 * squeeze, H, W] from [N, channels, H, W]."""
        y = torch.relu(self.squeeze(x))
        y = torch.cat([torch.relu(self.expand1(y)), torch.relu(self.expand3(y))], dim=1)
        return y + x if self.bypass else y


class SqueezeNet(nn.Module):
    """From uint8 faces [N, H, W, C] to probabilities float32 [N, classes]."""

    def __init__(self, weights: Arrays, temperature: float) -> None:
        super().__init__()
        classes, channels = weights["classifier/bias"].shape[0], weights["stem/kernel"].shape[2]
        self.stem = nn.Conv2d(channels, 32, 3, padding=1)
        stages: list[nn.Module] = []
        before = 32
        for stage in _STAGES:
            stages.append(nn.MaxPool2d(2))
            for _, squeeze in stage:
                stages.append(Fire(before, squeeze))
                before = 8 * squeeze
        self.fires = nn.Sequential(*stages)
        self.classifier = nn.Conv2d(before, classes, 1)
        self.temperature = temperature
        _fill(self, weights)

    def forward(self, faces: Tensor) -> Tensor:
        """Return the probabilities."""
        x = faces.permute(0, 3, 1, 2).float() / 63.75 - 2
        x = self.classifier(self.fires(torch.relu(self.stem(x))))
        return torch.softmax(x.mean(dim=(2, 3)) / self.temperature, dim=-1)


def _fill(net: SqueezeNet, weights: Arrays) -> None:
    _copy(net.stem, weights, "stem", norm="stem_norm")
    fires = [module for module in net.fires if isinstance(module, Fire)]
    for number, fire in enumerate(fires, 2):
        name = f"fire{number}"
        _copy(fire.squeeze, weights, f"{name}_squeeze", norm=f"{name}_norm")
        _copy(fire.expand1, weights, f"{name}_expand1")
        _copy(fire.expand3, weights, f"{name}_expand3")
    _copy(net.classifier, weights, "classifier")


def _copy(layer: nn.Conv2d, weights: Arrays, name: str, norm: str | None = None) -> None:
    kernel = weights[f"{name}/kernel"].astype(np.float32)
    if norm:
        gamma, beta, mean, variance = (
            weights[f"{norm}/{part}"].astype(np.float32)
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + _EPSILON)
        kernel, bias = kernel * scale, beta - mean * scale
    else:
        bias = weights[f"{name}/bias"].astype(np.float32)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(kernel).permute(3, 2, 0, 1))
        assert layer.bias is not None  # noqa: S101 - all of them have one
        layer.bias.copy_(torch.from_numpy(bias))
