"""The split of data sets that come without one."""

import numpy as np

from mien_training.datasets.splitting import TEST, TRAINING, VALIDATION, Shares, draw_parts
from tests.unit.training.datasets.drawing import Bytes, picture

SHARES = Shares(validation=0.1, test=0.2)


def pictures(per_class: int, classes: int = 2) -> tuple[Bytes, Bytes]:
    labels = np.repeat(np.arange(classes), per_class).astype(np.uint8)
    images = [picture(int(label), seed, 8, 8) for seed, label in enumerate(labels)]
    return np.stack(images)[..., np.newaxis], labels


def test_every_class_has_its_shares() -> None:
    """Stratified: 20 % test, 10 % validation, the rest trains."""
    images, labels = pictures(30, classes=3)
    parts = draw_parts(images, labels, SHARES, 3)
    for label in range(3):
        assert np.bincount(parts[labels == label]).tolist() == [21, 3, 6]


def test_the_order_of_the_pictures_does_not_matter() -> None:
    """Another file system lists them in another order."""
    images, labels = pictures(30)
    parts = draw_parts(images, labels, SHARES, 2)
    assert np.array_equal(draw_parts(images[::-1], labels[::-1], SHARES, 2), parts[::-1])


def test_a_picture_less_moves_few_others() -> None:
    """A picture without a face, left out, does not turn the whole split over."""
    images, labels = pictures(100)
    parts = draw_parts(images, labels, SHARES, 2)
    without = draw_parts(images[1:], labels[1:], SHARES, 2)
    assert (parts[1:] != without).sum() <= 2


def test_copies_go_where_the_first_goes() -> None:
    """Equal or mirrored, and also where somebody labelled them otherwise."""
    images, labels = pictures(30)
    doubled = np.concatenate([images, images, images[:, :, ::-1]])
    others = np.concatenate([labels, labels, 1 - labels])
    parts = draw_parts(doubled, others, SHARES, 2).reshape(3, -1)
    assert np.array_equal(parts[0], parts[1])
    assert np.array_equal(parts[0], parts[2])
    assert set(parts[0].tolist()) == {TRAINING, VALIDATION, TEST}


def test_a_share_of_nothing_is_nothing() -> None:
    """Picture folders with a test of their own draw none."""
    images, labels = pictures(10)
    parts = draw_parts(images, labels, Shares(validation=0.1, test=0.0), 2)
    assert np.bincount(parts).tolist() == [18, 2]
