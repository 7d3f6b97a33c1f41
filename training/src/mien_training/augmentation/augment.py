"""The layer that changes faces as drawn, for a whole batch on the device that trains."""

from typing import Any

import keras
from keras import ops

from mien_training.augmentation.changes import change_shapes
from mien_training.augmentation.mixing import mix_faces
from mien_training.runs.recipe import Augmentation

Tensor = Any


def change_inputs(how: Augmentation) -> dict[str, Any]:
    """Return the graph's inputs for what `draw_changes` draws, float32, by name."""
    return {
        name: keras.Input(shape, dtype="float32", name=name)
        for name, shape in change_shapes(how).items()
    }


class Augment(keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Moves, tones, erases and mixes faces; what is switched off is not in the graph.

    It computes in float32 under every precision: bfloat16 cannot tell 200 from 200.5, neither
    as a grey level nor as a place.
    """

    def __init__(self, how: Augmentation) -> None:
        super().__init__(dtype="float32", name="augment")
        self._parts = tuple(change_shapes(how))

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return float32 [N, H, W, C] in 0 to 255 from ``faces``, uint8, and the changes."""
        steps = {"matrix": warp, "tone": tone, "erased": erase, "share": mix_faces}
        faces = ops.cast(inputs["faces"], "float32")
        for name in self._parts:
            faces = steps[name](faces, inputs[name])
        return faces


def warp(faces: Tensor, matrix: Tensor) -> Tensor:
    """Move the pixels as `matrices` tells, bilinear; the face is reflected at its border.

    Keras has affine_transform, but on PyTorch that takes the faces one by one: 48 ms a batch of
    128 against 4 ms.
    """
    _, height, width, channels = faces.shape
    left, right_part = _places(matrix[:, 0], height, width, width)
    top, low_part = _places(matrix[:, 1], height, width, height)
    first = ops.arange(ops.shape(faces)[0], dtype="int32") * (height * width)
    places = left + (top * width + ops.reshape(first, (-1, 1, 1)))
    pixels = ops.reshape(faces, (-1, channels))
    upper, upper_right, lower, lower_right = (
        ops.take(pixels, places + step, axis=0) for step in (0, 1, width, width + 1)
    )
    upper = upper + (upper_right - upper) * right_part
    lower = lower + (lower_right - lower) * right_part
    return upper + (lower - upper) * low_part


def _places(row: Tensor, height: int, width: int, side: int) -> tuple[Tensor, Tensor]:
    """Return the pixel before each place along one axis, int32 [N, H, W], and the way beyond it.

    Only sums and products in a fixed order, so that the frameworks agree to the last bit.
    """
    x = ops.reshape(ops.arange(width, dtype="float32") - (width - 1) / 2, (1, 1, -1))
    y = ops.reshape(ops.arange(height, dtype="float32") - (height - 1) / 2, (1, -1, 1))
    by_x, by_y, shift = (ops.reshape(row[:, k], (-1, 1, 1)) for k in range(3))
    last = side - 1.0
    place = by_x * x + (by_y * y + (shift + last / 2))
    place = last - ops.abs(last - ops.abs(place))  # reflected once at either end
    place = ops.clip(place, 0.0, last)
    before = ops.minimum(ops.cast(place, "int32"), side - 2)
    return before, (place - ops.cast(before, "float32"))[..., None]


def tone(faces: Tensor, how: Tensor) -> Tensor:
    """Multiply grey levels, add to them and cut them at black and white."""
    factor, summand = (ops.reshape(how[:, k], (-1, 1, 1, 1)) for k in range(2))
    return ops.clip(faces * factor + summand, 0.0, 255.0)


def erase(faces: Tensor, erased: Tensor) -> Tensor:
    """Put one grey level in place of a rectangle.

    Zhong et al., "Random Erasing Data Augmentation", AAAI 2020.
    """
    _, height, width, _ = faces.shape
    y = ops.reshape(ops.arange(height, dtype="float32"), (1, -1, 1, 1))
    x = ops.reshape(ops.arange(width, dtype="float32"), (1, 1, -1, 1))
    top, left, bottom, right, level = (ops.reshape(erased[:, k], (-1, 1, 1, 1)) for k in range(5))
    inside = ops.logical_and(
        ops.logical_and(y >= top, y < bottom), ops.logical_and(x >= left, x < right)
    )
    return ops.where(inside, level, faces)
