"""Random changes of training faces, each against its plain arithmetic or OpenCV."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt
import pytest

from mien_training.augmentation.augment import Augment, change_inputs
from mien_training.augmentation.changes import Changes, draw_changes, matrices
from mien_training.runs.recipe import Augmentation

Array = npt.NDArray[Any]

SHAPE = (48, 40, 1)
NOTHING = Augmentation(mirror=0)
EVERYTHING = Augmentation(
    rotation_degrees=20,
    shift=0.1,
    zoom=0.2,
    shear=0.1,
    brightness=0.2,
    contrast=0.3,
    erase=0.5,
    mixup=0.4,
)


@pytest.fixture
def pictures() -> Array:
    """Six smooth pictures, which tell small errors of place from errors of kind."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (6, 6, 5)).astype(np.uint8)
    return np.stack([cv2.resize(one, (40, 48), interpolation=cv2.INTER_CUBIC) for one in noise])[
        ..., np.newaxis
    ]


def changed(faces: Array, how: Augmentation, changes: Changes) -> Array:
    out = Augment(how)({"faces": faces, **changes})
    return np.asarray(keras.ops.convert_to_numpy(out))


def drawn(faces: Array, how: Augmentation, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    return changed(faces, how, draw_changes(len(faces), faces.shape[1:], how, rng))


def moved(faces: Array, **how: Any) -> Array:
    """Move all faces in one given way."""
    one = {"degrees": 0.0, "zoom": 1.0, "shear": 0.0, "shift": (0.0, 0.0), **how}
    arrays = {name: np.array([value] * len(faces), float) for name, value in one.items()}
    mirrored = np.full(len(faces), bool(one.get("mirrored")))
    back = matrices(faces.shape[1:3], **{**arrays, "mirrored": mirrored})
    return changed(faces, Augmentation(), {"matrix": back.astype(np.float32)})


def test_no_change_asked_for_is_no_change(pictures: Array) -> None:
    """With every strength at zero nothing is drawn and the faces come back untouched."""
    assert draw_changes(6, SHAPE, NOTHING, np.random.default_rng(0)) == {}
    assert change_inputs(NOTHING) == {}
    assert np.array_equal(drawn(pictures, NOTHING), pictures)


@pytest.mark.parametrize("how", [EVERYTHING, Augmentation(), Augmentation(mirror=0, erase=1)])
def test_the_graph_takes_what_is_drawn(how: Augmentation) -> None:
    """Names, shapes and types of the inputs are those of the drawn arrays."""
    arrays = draw_changes(3, SHAPE, how, np.random.default_rng(0))
    inputs = change_inputs(how)
    assert list(arrays) == list(inputs)
    for name, array in arrays.items():
        assert array.shape == (3, *inputs[name].shape[1:])
        assert array.dtype == inputs[name].dtype == "float32"


def test_a_mirror_is_exact(pictures: Array) -> None:
    """The mirror flips left and right to the pixel, without blur or shift."""
    assert np.array_equal(drawn(pictures, Augmentation(mirror=1)), pictures[:, :, ::-1])


def test_a_rotation_is_open_cvs_enlarged_by_what_hides_the_corners(pictures: Array) -> None:
    """A turn by a known angle, anticlockwise, equals OpenCV's to a grey level."""
    angle = np.deg2rad(17)
    # A picture of 48 x 40 reaches 47 x 39 between the middles of its outermost pixels.
    enlarged = np.cos(angle) + np.sin(angle) * 47 / 39
    matrix = cv2.getRotationMatrix2D((19.5, 23.5), 17, enlarged)
    expected = np.stack([cv2.warpAffine(face, matrix, (40, 48)) for face in pictures])
    difference = moved(pictures, degrees=17)[..., 0] - expected
    assert np.abs(difference).max() < 2
    assert np.abs(difference).mean() < 0.5


def test_a_zoom_enlarges_around_the_middle(pictures: Array) -> None:
    """Zoom by two equals OpenCV's resize of the middle half."""
    matrix = cv2.getRotationMatrix2D((19.5, 23.5), 0, 2)
    expected = np.stack([cv2.warpAffine(face, matrix, (40, 48)) for face in pictures])
    assert np.abs(moved(pictures, zoom=2.0)[..., 0] - expected).max() < 1


def test_a_shift_moves_right_and_down_and_reflects_what_is_missing(pictures: Array) -> None:
    """A move by whole pixels is exact, with the picture reflected at its border."""
    padded = np.pad(pictures, ((0, 0), (6, 0), (10, 0), (0, 0)), mode="reflect")
    there = moved(pictures, shift=(10 / 40, 6 / 48))
    assert np.abs(there - padded[:, :48, :40]).max() < 1e-3


def test_a_smaller_face_is_surrounded_by_its_reflection(pictures: Array) -> None:
    """Zoom by a half shows every second place, and mirrored pictures around."""
    there = moved(pictures, zoom=0.5)[..., 0]
    matrix = cv2.getRotationMatrix2D((19.5, 23.5), 0, 0.5)
    expected = [
        cv2.warpAffine(face, matrix, (40, 48), borderMode=cv2.BORDER_REFLECT_101)
        for face in pictures
    ]
    assert np.abs(there - np.stack(expected)).max() < 1


def test_a_shear_slants_by_widths_a_height(pictures: Array) -> None:
    """The top moves right against the bottom by that part of the width."""
    slant = 0.3 * 40 / 48
    matrix = np.array([[1, -slant, slant * 23.5], [0, 1, 0]])
    expected = [
        cv2.warpAffine(face, matrix, (40, 48), borderMode=cv2.BORDER_REFLECT_101)
        for face in pictures
    ]
    assert np.abs(moved(pictures, shear=0.3)[..., 0] - np.stack(expected)).max() < 2


def test_the_mirror_comes_before_the_turn(pictures: Array) -> None:
    """A mirrored and turned face is the turn of the mirrored face."""
    both = moved(pictures, mirrored=True, degrees=10.0, shift=(0.1, 0.0))
    after = moved(np.ascontiguousarray(pictures[:, :, ::-1]), degrees=10.0, shift=(0.1, 0.0))
    assert np.abs(both - after).max() < 1e-2


def test_brightness_adds_and_contrast_turns_around_middle_grey(pictures: Array) -> None:
    """Each face gets its own factor and summand, cut at black and white."""
    how = Augmentation(mirror=0, brightness=0.4, contrast=0.5)
    changes = draw_changes(6, SHAPE, how, np.random.default_rng(2))
    gain, offset = changes["tone"].T.reshape(2, 6, 1, 1, 1)
    expected = np.clip(pictures * gain + offset, 0, 255)
    assert np.abs(changed(pictures, how, changes) - expected).max() < 1e-3
    contrast = draw_changes(50, SHAPE, Augmentation(contrast=0.5), np.random.default_rng(2))
    gain, offset = contrast["tone"].T
    assert 127.5 * gain + offset == pytest.approx(127.5)
    assert gain.min() >= 0.5
    assert gain.max() <= 1.5


def test_brightness_stays_in_range() -> None:
    """White and black get no brighter and no darker than that, they do not wrap around."""
    ends = np.repeat(np.array([0, 255], np.uint8), 20)[:, None, None, None]
    faces = np.broadcast_to(ends, (40, 4, 4, 1))
    toned = drawn(faces, Augmentation(mirror=0, brightness=0.9))
    assert toned.min() == 0
    assert toned.max() == 255
    assert toned[:20].max() <= 0.9 * 255
    assert toned[20:].min() >= 0.1 * 255


def test_erasing_puts_one_grey_into_a_rectangle(pictures: Array) -> None:
    """Exactly the drawn rectangle is replaced, by the drawn level, in each face."""
    how = Augmentation(mirror=0, erase=1, erase_side=(0.25, 0.5))
    changes = draw_changes(6, SHAPE, how, np.random.default_rng(0))
    erased = changed(pictures, how, changes)
    for face, after, (*box, level) in zip(pictures, erased, changes["erased"], strict=True):
        top, left, bottom, right = map(int, box)
        assert 12 <= bottom - top <= 24
        assert 10 <= right - left <= 20
        assert min(top, left, 48 - bottom, 40 - right) >= 0
        expected = face.astype(np.float32)
        expected[top:bottom, left:right] = level
        assert np.array_equal(after, expected)


@pytest.mark.parametrize("count", [6, 5])
def test_mixup_takes_the_rest_of_a_face_from_its_neighbour(pictures: Array, count: int) -> None:
    """Rows 0 and 1, 2 and 3 are mixed, each by its own share; an odd last one is left alone."""
    faces = pictures[:count]
    how = Augmentation(mirror=0, mixup=0.4)
    changes = draw_changes(count, SHAPE, how, np.random.default_rng(0))
    share = changes["share"].reshape(-1, 1, 1, 1)
    neighbours = faces[[1, 0, 3, 2, 5, 4] if count % 2 == 0 else [1, 0, 3, 2, 4]]
    expected = share * faces + (1 - share) * neighbours
    assert np.abs(changed(faces, how, changes) - expected).max() < 1e-3


def test_colour_is_changed_like_grey(pictures: Array) -> None:
    """Every channel of a coloured face becomes what it would become alone."""
    colour = np.concatenate([pictures, 255 - pictures, pictures[:, ::-1]], axis=3)
    whole = drawn(colour, EVERYTHING)
    for channel in range(3):
        alone = drawn(colour[..., channel : channel + 1], EVERYTHING)
        assert np.array_equal(whole[..., channel : channel + 1], alone)


def test_a_stretch_of_the_batch_is_changed_like_the_whole(pictures: Array) -> None:
    """Devices that share a batch give what one alone would, mixtures included."""
    changes = draw_changes(6, SHAPE, EVERYTHING, np.random.default_rng(0))
    whole = changed(pictures, EVERYTHING, changes)
    for rows in (slice(0, 2), slice(2, 6)):
        part = changed(pictures[rows], EVERYTHING, {k: v[rows] for k, v in changes.items()})
        assert np.array_equal(part, whole[rows])


def test_it_computes_in_float32_under_mixed_precision(pictures: Array) -> None:
    """The policy of the network changes nothing here, inside a model as well."""
    changes = draw_changes(6, SHAPE, EVERYTHING, np.random.default_rng(0))
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        faces = keras.Input(SHAPE, dtype="uint8", name="faces")
        inputs = {"faces": faces, **change_inputs(EVERYTHING)}
        model = keras.Model(inputs, Augment(EVERYTHING)(inputs))
        out = keras.ops.convert_to_numpy(model({"faces": pictures, **changes}))
    finally:
        keras.mixed_precision.set_global_policy(before)
    assert out.dtype == np.float32
    assert np.array_equal(out, changed(pictures, EVERYTHING, changes))


_ON_PYTORCH = """
import sys, keras, numpy as np
from mien_training.augmentation.augment import Augment
from mien_training.runs.recipe import Augmentation
assert keras.backend.backend() == "torch"
given = dict(np.load(sys.argv[1]))
how = Augmentation.model_validate_json(sys.argv[3])
np.save(sys.argv[2], keras.ops.convert_to_numpy(Augment(how)(given)))
"""


def test_the_frameworks_agree(tmp_path: Path) -> None:
    """The same drawn changes give the same noise pictures to 1e-3 of a grey level."""
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 256, (16, 48, 40, 3)).astype(np.uint8)
    changes = draw_changes(16, (48, 40, 3), EVERYTHING, rng)
    np.savez(tmp_path / "given.npz", allow_pickle=False, faces=faces, **changes)
    files = [str(tmp_path / "given.npz"), str(tmp_path / "out.npy")]
    subprocess.run(
        [sys.executable, "-c", _ON_PYTORCH, *files, EVERYTHING.model_dump_json()],
        check=True,
        env={**os.environ, "KERAS_BACKEND": "torch"},
        timeout=100,
    )
    difference = np.load(tmp_path / "out.npy") - changed(faces, EVERYTHING, changes)
    assert np.abs(difference).max() < 1e-3
