"""Random changes of faces, drawn as a few numbers a face.

They are drawn on the host by NumPy, so that both frameworks and a resumed run see exactly the
same; the pixels are changed on the device by the layer of `augment`.
"""

import numpy as np
import numpy.typing as npt

from mien_training.runs.recipe import Augmentation

Floats = npt.NDArray[np.float64]
Changes = dict[str, npt.NDArray[np.float32]]
Shape = tuple[int, int, int]

MIDDLE_GREY = 127.5


def change_shapes(how: Augmentation) -> dict[str, tuple[int, ...]]:
    """Return name and shape, without the batch, of what is drawn for each face.

    A part of the augmentation that is switched off has no entry.
    """
    moves = (how.mirror, how.rotation_degrees, how.shift, how.zoom, how.shear)
    wanted = {
        "matrix": ((2, 3), any(moves)),
        "tone": ((2,), how.brightness > 0 or how.contrast > 0),
        "erased": ((5,), how.erase > 0),
        "share": ((1,), how.mixup > 0),
    }
    return {name: shape for name, (shape, on) in wanted.items() if on}


def draw_changes(count: int, shape: Shape, how: Augmentation, rng: np.random.Generator) -> Changes:
    """Return what `change_shapes` names, float32 [count, ...], for faces of [H, W, C].

    matrix: where a pixel comes from, see `matrices`.
    tone: factor and summand (0 to 255) of the grey level.
    erased: top, left, bottom, right (exclusive, pixels) and grey level (0 to 255) of a rectangle.
    share: the face's own part in its mixture with another one.
    """
    size = shape[:2]
    drawn = {
        "matrix": lambda: _draw_matrices(count, size, how, rng),
        "tone": lambda: _draw_tones(count, how, rng),
        "erased": lambda: _draw_rectangles(count, size, how, rng),
        "share": lambda: rng.beta(how.mixup, how.mixup, (count, 1)),
    }
    return {name: drawn[name]().astype(np.float32) for name in change_shapes(how)}


def matrices(
    size: tuple[int, int],
    *,
    mirrored: npt.NDArray[np.bool_],
    degrees: Floats,
    zoom: Floats,
    shear: Floats,
    shift: Floats,
) -> Floats:
    """Return [N, 2, 3]: from (x, y, 1) of a new pixel to (x, y) of the old one.

    Both are measured in pixels from the middle of the face, so that a mirror is exact.

    Args:
        size: height and width of the faces.
        mirrored: [N], whether left and right change places.
        degrees: [N], turn of the face, anticlockwise.
        zoom: [N], factor of the size, beside the enlargement that hides the empty corners of
            a turned face.
        shear: [N], slant of the face, in widths a height.
        shift: [N, 2], move of the face to the right and down, as a fraction of the side.
    """
    angle = np.deg2rad(degrees)
    shrink = 1 / (zoom * _enlargement(size, angle))
    cos, sin = np.cos(angle) * shrink, np.sin(angle) * shrink
    sign = np.where(mirrored, -1.0, 1.0)
    slant = shear * size[1] / size[0]
    # A mirror of the slanted and turned face: back from the turn, then the slant, then the mirror.
    back = np.stack(
        [
            np.stack([sign * (cos + slant * sin), sign * (slant * cos - sin)], -1),
            np.stack([sin, cos], -1),
        ],
        axis=1,
    )
    moved = -back @ (shift * np.array(size[::-1]))[:, :, np.newaxis]
    return np.concatenate([back, moved], axis=2)


def _enlargement(size: tuple[int, int], angle: Floats) -> Floats:
    """Return the smallest factor [N] at which a turned face still covers the whole picture."""
    height, width = size[0] - 1, size[1] - 1  # from the first pixel's middle to the last's
    longest = max(height / width, width / height)
    covered: Floats = np.abs(np.cos(angle)) + np.abs(np.sin(angle)) * longest
    return covered


def _draw_matrices(
    count: int, size: tuple[int, int], how: Augmentation, rng: np.random.Generator
) -> Floats:
    return matrices(
        size,
        mirrored=rng.random(count) < how.mirror,
        degrees=_either_way(how.rotation_degrees, count, rng),
        zoom=1 + _either_way(how.zoom, count, rng),
        shear=_either_way(how.shear, count, rng),
        shift=rng.uniform(-how.shift, how.shift, (count, 2)),
    )


def _draw_tones(count: int, how: Augmentation, rng: np.random.Generator) -> Floats:
    gain = 1 + _either_way(how.contrast, count, rng)
    # Contrast turns around middle grey, so that it leaves brightness alone.
    offset = 255 * _either_way(how.brightness, count, rng) + MIDDLE_GREY * (1 - gain)
    return np.stack([gain, offset], axis=1)


def _draw_rectangles(
    count: int, size: tuple[int, int], how: Augmentation, rng: np.random.Generator
) -> Floats:
    """Return rectangles with a level, empty ones for the faces that stay whole."""
    chosen = rng.random((count, 1)) < how.erase
    sides = np.floor(rng.uniform(*how.erase_side, (count, 2)) * size) * chosen
    corners = np.floor(rng.random((count, 2)) * (np.array(size) - sides + 1))
    return np.concatenate([corners, corners + sides, rng.integers(0, 256, (count, 1))], axis=1)


def _either_way(most: float, count: int, rng: np.random.Generator) -> Floats:
    return rng.uniform(-most, most, count)
