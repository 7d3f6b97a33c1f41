"""The numbers drawn for faces: how far, how often, and the same again."""

import numpy as np
import pytest

from mien_training.augmentation.changes import draw_changes, matrices
from mien_training.runs.recipe import Augmentation

SHAPE = (48, 40, 1)


def test_half_of_the_faces_are_mirrored_on_average() -> None:
    """The probability of a mirror is what the recipe says."""
    matrix = draw_changes(1000, SHAPE, Augmentation(), np.random.default_rng(0))["matrix"]
    assert 0.45 < np.mean(matrix[:, 0, 0] == -1) < 0.55


@pytest.mark.parametrize("degrees", [-90.0, -33.0, -1.0, 0.5, 12.0, 45.0, 90.0])
@pytest.mark.parametrize("size", [(48, 48), (48, 40), (30, 64)])
def test_a_turned_face_has_no_empty_corner(degrees: float, size: tuple[int, int]) -> None:
    """All four corners come from inside the picture, and none from further inside than needed."""
    one = np.ones(1)
    shift = np.zeros((1, 2))
    back = matrices(
        size, mirrored=one < 0, degrees=degrees * one, zoom=one, shear=0 * one, shift=shift
    )[0]
    half = (np.array([size[1], size[0]]) - 1) / 2
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * half
    reached = np.abs(corners @ back[:, :2].T).max(axis=0) / half
    assert reached.max() == pytest.approx(1)


def test_drawn_strengths_reach_the_asked_ones_and_no_further() -> None:
    """Turn, zoom and shift use their whole range either way."""
    how = Augmentation(mirror=0, zoom=0.2, shift=0.1)
    matrix = draw_changes(2000, SHAPE, how, np.random.default_rng(0))["matrix"]
    zoom = 1 / matrix[:, 0, 0]
    assert (round(zoom.min(), 2), round(zoom.max(), 2)) == (0.8, 1.2)
    shift = matrix[:, :, 2] * zoom[:, None] / (40, 48)
    assert shift.min(axis=0) == pytest.approx([-0.1, -0.1], abs=1e-3)
    assert shift.max(axis=0) == pytest.approx([0.1, 0.1], abs=1e-3)


def test_erasing_leaves_the_faces_whole_that_it_does_not_choose() -> None:
    """The probability is the recipe's, and a face that is not chosen has an empty rectangle."""
    how = Augmentation(mirror=0, erase=0.3)
    top, left, bottom, right, _ = draw_changes(1000, SHAPE, how, np.random.default_rng(0))[
        "erased"
    ].T
    chosen = (bottom > top) & (right > left)
    assert 0.25 < chosen.mean() < 0.35
    assert ((bottom == top) & (right == left))[~chosen].all()


def test_shares_follow_the_beta_distribution() -> None:
    """With alpha 1 all shares between 0 and 1 are as likely; a small alpha mixes little."""
    even, little = (
        draw_changes(4000, SHAPE, Augmentation(mixup=alpha), np.random.default_rng(0))["share"]
        for alpha in (1.0, 0.1)
    )
    assert np.histogram(even, 4, (0, 1))[0] == pytest.approx([1000] * 4, rel=0.1)
    assert np.mean((little < 0.01) | (little > 0.99)) > 0.5


def test_the_same_generator_gives_the_same_changes() -> None:
    """Changes depend on the generator alone, so that a run can be repeated."""
    how = Augmentation(rotation_degrees=20, contrast=0.3, erase=0.5, mixup=0.4)
    first, second, other = (
        draw_changes(4, SHAPE, how, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    for name, array in first.items():
        assert np.array_equal(array, second[name])
        assert not np.array_equal(array, other[name])
