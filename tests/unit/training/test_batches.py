"""Batches of an epoch: order, changes, targets and sizes."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mien_training.augmentation.balancing import class_weights
from mien_training.augmentation.batches import EpochBatches, resize_faces
from mien_training.augmentation.mixing import mix_targets
from mien_training.datasets.faces import Faces
from mien_training.errors import ConfigError
from mien_training.runs.recipe import Augmentation, Recipe

PLAIN = {"augmentation": Augmentation(mirror=0), "extra_weight": 0.0, "label_smoothing": 0.0}
Array = npt.NDArray[Any]


@pytest.fixture
def plain(recipe: Recipe) -> Recipe:
    """A recipe that changes nothing and learns the targets as they are."""
    return recipe.model_copy(update=PLAIN)


def changed(recipe: Recipe, **fields: Any) -> Recipe:
    return recipe.model_copy(update=fields)


def test_an_epoch_goes_through_the_faces_once_in_whole_batches(plain: Recipe, faces: Faces) -> None:
    """Twenty faces make two batches of eight, each with its own face's target."""
    batches = EpochBatches(faces, plain, 0)
    assert len(batches) == 2
    inputs, targets = zip(*(batches[index] for index in range(2)), strict=True)
    seen = np.concatenate([one["faces"] for one in inputs])
    assert len(np.unique(seen.reshape(16, -1), axis=0)) == 16
    # The fixture's faces are as bright as their label says.
    labels = (seen.mean(axis=(1, 2, 3)) // 30).astype(int)
    assert np.array_equal(np.concatenate(targets).argmax(axis=1), labels)


def test_seed_epoch_and_batch_decide_everything(recipe: Recipe, faces: Faces) -> None:
    """The same three give the same batch, each other one another order and other changes."""
    first, again = (EpochBatches(faces, recipe, 3)[1] for _ in range(2))
    for name, array in first[0].items():
        assert np.array_equal(array, again[0][name])
    for one, other in zip(first[1], again[1], strict=True):
        assert np.array_equal(one, other)
    for other in (
        EpochBatches(faces, recipe, 4)[1],
        EpochBatches(faces, changed(recipe, seed=1), 3)[1],
        EpochBatches(faces, recipe, 3)[0],
    ):
        assert not np.array_equal(first[0]["faces"], other[0]["faces"])
        assert not np.array_equal(first[0]["matrix"], other[0]["matrix"])


def test_smoothing_spreads_a_share_over_all_classes(plain: Recipe, faces: Faces) -> None:
    """With a smoothing of 0.14 each of seven classes gets 0.02 beside the label's 0.86."""
    _, targets = EpochBatches(faces, changed(plain, label_smoothing=0.14), 0)[0]
    assert targets.dtype == np.float32
    assert np.unique(targets.round(6)).tolist() == pytest.approx([0.02, 0.88])
    assert targets.sum(axis=1) == pytest.approx(1)


def test_an_extra_comes_as_a_second_target(plain: Recipe, faces: Faces) -> None:
    """The pair's second is the extra's row of the same face, without smoothing."""
    _, (targets, extra) = EpochBatches(faces, changed(plain, extra_weight=0.5), 0)[0]
    assert np.array_equal(targets.argmax(axis=1), extra.argmax(axis=1))
    assert extra.shape == (8, 10)
    assert set(np.unique(extra)) == {0, 1}


def test_an_extra_that_the_data_lacks_is_refused(plain: Recipe, faces: Faces) -> None:
    """Instead of a loss over nothing there is a sentence with the remedy."""
    bare = replace(faces, extra=np.zeros((20, 0), np.float32))
    with pytest.raises(ConfigError, match="set extra_weight=0"):
        EpochBatches(bare, changed(plain, extra_weight=0.5), 0)


def test_mixup_mixes_targets_like_faces(plain: Recipe, faces: Faces) -> None:
    """Both heads' targets are the weighted means of neighbours."""
    mixed = changed(plain, extra_weight=0.5, augmentation=Augmentation(mirror=0, mixup=1))
    inputs, heads = EpochBatches(faces, mixed, 0)[0]
    _, whole = EpochBatches(faces, changed(plain, extra_weight=0.5), 0)[0]
    share = inputs["share"]
    neighbours = [1, 0, 3, 2, 5, 4, 7, 6]
    for head, before in zip(heads, whole, strict=True):
        assert head == pytest.approx(share * before + (1 - share) * before[neighbours])
        assert head.sum(axis=1) == pytest.approx(1)


def test_the_last_of_an_odd_batch_is_mixed_with_itself() -> None:
    """Three rows have one pair; the third stays as it is."""
    targets = np.eye(3, dtype=np.float32)
    mixed = mix_targets(targets, {"share": np.full((3, 1), 0.75, np.float32)})
    assert mixed.tolist() == [[0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0, 1]]


@pytest.mark.parametrize("mixup", [0.0, 1.0])
def test_class_weights_weigh_every_parent_of_a_face(
    plain: Recipe, faces: Faces, mixup: float
) -> None:
    """Weight times target is the mixture of weighted targets, and the target adds up to 1."""
    rows = np.arange(20)[faces.labels != 3].repeat(2)[:-3]
    uneven = faces.take(np.concatenate([rows, np.flatnonzero(faces.labels == 3)[:1]]))
    how = Augmentation(mirror=0, mixup=mixup)
    recipe = changed(plain, balance="class-weights", augmentation=how)
    inputs, targets, weights = EpochBatches(uneven, recipe, 0)[0]
    assert weights.shape == (8,)
    assert targets.sum(axis=1) == pytest.approx(1)
    _, whole = EpochBatches(uneven, plain, 0)[0]
    each = class_weights(uneven.labels, 7)
    scaled = mix_targets(whole * each, inputs)
    assert targets * weights[:, None] == pytest.approx(scaled)


def test_oversampling_lengthens_the_epoch(plain: Recipe, faces: Faces) -> None:
    """Every class comes as often as the largest, in an order that the epoch decides."""
    uneven = faces.take(np.array([0, 7, 14, 1, 2, 3, 4, 5, 6]))
    recipe = changed(plain, balance="oversample", batch_size=7)
    batches = EpochBatches(uneven, recipe, 0)
    assert len(batches) == 3
    targets = np.concatenate([batches[index][1] for index in range(3)])
    assert targets.sum(axis=0).tolist() == [3] * 7
    other = EpochBatches(uneven, recipe, 1)[0][1]
    assert not np.array_equal(other, batches[0][1])


def test_faces_of_another_size_are_resized(plain: Recipe, faces: Faces) -> None:
    """The network's size decides, and grey is repeated for a network of colour."""
    inputs, _ = EpochBatches(faces, changed(plain, input_shape=(24, 32, 3)), 0)[0]
    assert inputs["faces"].shape == (8, 24, 32, 3)
    assert inputs["faces"].dtype == np.uint8
    assert np.ptp(inputs["faces"], axis=3).max() == 0


def test_resizing_keeps_what_fits_and_averages_what_shrinks() -> None:
    """Halving gives the mean of four pixels; the right size is not touched."""
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1)).astype(np.uint8)
    assert resize_faces(images, (8, 8, 1)) is images
    means = images.reshape(2, 4, 2, 4, 2).mean(axis=(2, 4))
    assert np.abs(resize_faces(images, (4, 4, 1))[..., 0] - means).max() <= 0.5


def test_colour_becomes_grey_for_a_network_of_grey() -> None:
    """The weights of the channels are those of BT.601."""
    pure = np.eye(3, dtype=np.uint8).reshape(3, 1, 1, 3).repeat(4, 1).repeat(4, 2) * 255
    grey = resize_faces(pure, (4, 4, 1))
    assert grey[:, 0, 0, 0].tolist() == [76, 150, 29]
