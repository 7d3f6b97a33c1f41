"""Classes of unequal size made equal, in three ways."""

import cv2
import numpy as np
import pytest

from mien_training.augmentation.balancing import (
    balance_by_augmentation,
    class_weights,
    oversampled_rows,
)
from mien_training.datasets.faces import Faces, labelled
from mien_training.errors import DataError


def unequal(*sizes: int) -> Faces:
    """Faces of noise; ``sizes`` tells how many of each class."""
    labels = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
    images = np.random.default_rng(3).integers(60, 180, (len(labels), 24, 24, 1))
    return labelled(images.astype(np.uint8), labels, len(sizes), people=np.arange(len(labels)))


def test_class_weights_are_n_over_k_times_the_class() -> None:
    """Rare classes weigh more, and the mean over the faces is 1."""
    labels = unequal(6, 3, 1).labels
    weights = class_weights(labels, 3)
    assert weights == pytest.approx([10 / 18, 10 / 9, 10 / 3])
    assert weights[labels].mean() == pytest.approx(1)


def test_oversampling_makes_classes_equal_and_spreads_the_repeats() -> None:
    """Every class comes as often as the largest, and its faces equally often but for one."""
    labels = unequal(10, 4, 1).labels
    rows = oversampled_rows(labels, 3, np.random.default_rng(0))
    assert np.bincount(labels[rows]).tolist() == [10, 10, 10]
    times = np.bincount(rows)
    assert (times[:10] == 1).all()
    assert sorted(times[10:14]) == [2, 2, 3, 3]
    assert (np.diff(labels[rows].astype(int)) != 0).sum() > 5, "the order is shuffled"
    others = [np.bincount(oversampled_rows(labels, 3, np.random.default_rng(k))) for k in range(9)]
    assert any(not np.array_equal(times, other) for other in others), "the remainder is drawn"


def test_balancing_keeps_the_faces_and_adds_changed_copies() -> None:
    """The originals stay in front; the copies have their label, targets, extra and person."""
    faces = unequal(7, 3, 2)
    balanced = balance_by_augmentation(faces, seed=0)
    assert np.bincount(balanced.labels).tolist() == [7, 7, 7]
    assert np.array_equal(balanced.images[:12], faces.images)
    assert np.array_equal(balanced.targets.argmax(axis=1), balanced.labels)
    assert balanced.people is not None
    assert faces.people is not None
    assert np.array_equal(balanced.labels, faces.labels[balanced.people])
    assert balanced.extra.shape == (21, 0)


def test_copies_are_mirrored_then_turned_then_enlarged_then_brightened() -> None:
    """A class four times too small gets one round of each, in that order."""
    faces = unequal(10, 2)
    balanced = balance_by_augmentation(faces, seed=0)
    mirrored, turned, enlarged, brightened = balanced.images[12:].reshape(4, 2, 24, 24, 1)
    people = balanced.people
    assert people is not None
    for copies in people[12:].reshape(4, 2):
        assert set(copies) == {10, 11}
    own = faces.images[people[12:14]]
    assert np.array_equal(mirrored, own[:, :, ::-1])
    assert np.array_equal(brightened, own + 25)
    fill = np.cos(np.deg2rad(10)) + np.sin(np.deg2rad(10))  # hides the empty corners
    for copies, degrees, size in ((turned, 10, fill), (enlarged, 0, 1.1)):
        matrix = cv2.getRotationMatrix2D((11.5, 11.5), degrees, size)
        expected = [
            cv2.warpAffine(face, matrix, (24, 24), borderMode=cv2.BORDER_REFLECT_101)
            for face in own
        ]
        difference = copies[..., 0].astype(float) - np.stack(expected)
        assert np.abs(difference).max() <= 1


def test_further_rounds_combine_the_changes_and_no_copy_repeats() -> None:
    """A class thirty times too small gets thirty different pictures of one face."""
    balanced = balance_by_augmentation(unequal(30, 1), seed=0)
    copies = balanced.images[balanced.labels == 1]
    assert len(copies) == 30
    assert len(np.unique(copies.reshape(30, -1), axis=0)) == 30


def test_a_class_smaller_still_is_filled_all_the_same() -> None:
    """Beyond thirty the rounds begin again, so that the classes end up equal."""
    balanced = balance_by_augmentation(unequal(70, 1), seed=0)
    assert np.bincount(balanced.labels).tolist() == [70, 70]


def test_balancing_can_be_repeated() -> None:
    """The same seed chooses the same faces to copy, another seed others."""
    faces = unequal(15, 10)
    first, second, other = (balance_by_augmentation(faces, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.images, second.images)
    assert not np.array_equal(first.images, other.images)


def test_an_empty_class_is_named() -> None:
    """No way of balancing can make faces of a class that has none, and each says which it is."""
    faces = unequal(4, 0, 2)
    rng = np.random.default_rng(0)
    for balance in (
        lambda: class_weights(faces.labels, 3),
        lambda: oversampled_rows(faces.labels, 3, rng),
        lambda: balance_by_augmentation(faces, seed=0),
    ):
        with pytest.raises(DataError, match=r"class 1 .* set balance to none"):
            balance()
