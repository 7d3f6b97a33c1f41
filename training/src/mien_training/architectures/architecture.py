"""What the trainer must know of an architecture besides how to build it."""

from collections.abc import Callable
from dataclasses import dataclass

import keras

Shape = tuple[int, int, int]
Builder = Callable[[Shape, int], keras.Model]


@dataclass(frozen=True)
class Architecture:
    """An architecture, written once for both frameworks.

    Attributes:
        build: makes the untrained network from scaled faces [N, H, W, C] (middle grey is 0, black
            and white are -2 and 2) to logits [N, classes]. The layer that ends in the features the
            classifier reads, [N, h, w, F] or [N, F], is named ``features``.
        input_shape: height, width, channels that it is made for.
        head: names of the layers that are new where the others come from ImageNet.
        last_block: name of the first layer of the last block; it and all layers after it are
            trained in the second phase of a transfer.
        last_map: name of the layer that gives the last feature map, [N, h, w, F], for Grad-CAM.
        imagenet: whether ImageNet weights exist for it.
    """

    build: Builder
    input_shape: Shape
    head: tuple[str, ...]
    last_block: str
    last_map: str
    imagenet: bool = False
