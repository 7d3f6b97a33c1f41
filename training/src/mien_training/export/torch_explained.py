"""A network with two entry points: its probabilities, and where in a face it found a class."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Explained(nn.Module):
    """Two halves of a network, between which lies the map that Grad-CAM explains.

    Args:
        features: from faces uint8 [N, H, W, C] to the map float32 [N, F, h, w].
        head: from the map to logits [N, classes].
    """

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, faces: Tensor) -> Tensor:
        """Return the probabilities float32 [N, classes]."""
        return torch.softmax(self.head(self.features(faces)), dim=-1)

    @torch.jit.export
    def explain(self, faces: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the probabilities and, float32 [N, H, W] in 0 to 1, what speaks for a class.

        Call it under ``torch.no_grad`` or nothing; in inference mode there are no gradients.

        Args:
            faces: uint8 [N, H, W, C].
            classes: the class to explain, int64 [N]; -1 is the face's own most probable class.
        """
        # TorchScript has no context that enables gradients, and drops `detach` when it freezes.
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        place = self.features(faces)
        torch.set_grad_enabled(True)
        logits = self.head(place.requires_grad_())
        asked = torch.where(classes < 0, logits.argmax(dim=1), classes)
        numbers = torch.arange(logits.shape[1], device=logits.device)
        score = (logits * (numbers == asked.unsqueeze(1))).sum()
        gradient = torch.autograd.grad([score], [place])[0]
        torch.set_grad_enabled(False)
        assert gradient is not None  # noqa: S101 - TorchScript must be told
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        heat = (place * weights).sum(dim=1, keepdim=True).relu()
        # The division takes out the temperature too, by which the logits were divided.
        heat = heat / heat.amax(dim=(2, 3), keepdim=True).clamp(min=1e-12)
        size = (faces.shape[1], faces.shape[2])
        large = functional.interpolate(heat, size=size, mode="bilinear", align_corners=False)
        probabilities = torch.softmax(logits, dim=-1)
        torch.set_grad_enabled(before)
        return probabilities, large.squeeze(1)
