"""Random changes of training faces."""

import numpy as np

from mien_training.augment import augment
from mien_training.data import Faces
from mien_training.recipe import Augmentation

NOTHING = Augmentation(mirror=0)


def test_no_change_asked_for_is_no_change(faces: Faces) -> None:
    """With every strength at zero the faces come back untouched."""
    same = augment(faces.images, NOTHING, np.random.default_rng(0))
    assert np.array_equal(same, faces.images)


def test_a_mirror_is_exact(faces: Faces) -> None:
    """The mirror flips left and right to the pixel, without blur or shift."""
    mirrored = augment(faces.images, Augmentation(mirror=1), np.random.default_rng(0))
    assert np.array_equal(mirrored, faces.images[:, :, ::-1])


def test_the_same_generator_gives_the_same_faces(faces: Faces) -> None:
    """Changes depend on the generator alone, so that a run can be repeated."""
    how = Augmentation(rotation_degrees=20, shift=0.1, zoom=0.2, contrast=0.2, erase=1)
    first, second, other = (
        augment(faces.images, how, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_brightness_stays_in_range(faces: Faces) -> None:
    """Very bright and very dark results are cut at white and black, they do not wrap around."""
    how = Augmentation(mirror=0, brightness=0.9)
    dark, bright = np.zeros_like(faces.images), np.full_like(faces.images, 255)
    rng = np.random.default_rng(0)
    lightened, darkened = augment(dark, how, rng), augment(bright, how, rng)
    assert lightened[0].max() <= 0.9 * 255
    assert darkened.min() >= 0.1 * 255 - 1


def test_erasing_changes_a_rectangle_only(faces: Faces) -> None:
    """At most the largest rectangle is replaced in each face, and some of it is."""
    how = Augmentation(mirror=0, erase=1, erase_side=(0.25, 0.25))
    erased = augment(faces.images, how, np.random.default_rng(0))
    changed = (erased != faces.images).sum(axis=(1, 2, 3))
    assert (changed > 0).all()
    assert (changed <= 12 * 12).all()
