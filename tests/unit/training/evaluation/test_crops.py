"""Ten views of a face."""

import numpy as np
import pytest

from mien_training.evaluation.crops import ten_crop, ten_views


def test_ten_views_are_corners_middle_and_mirrors() -> None:
    """Each corner is in one view and its mirror; all have the shape of the face."""
    face = np.zeros((1, 48, 48, 1), np.uint8)
    marks = {(0, 0): 50, (0, 47): 100, (47, 0): 150, (47, 47): 200}
    for (row, column), level in marks.items():
        face[0, row, column] = level
    views = list(ten_views(face))
    assert {view.shape for view in views} == {(1, 48, 48, 1)}
    for plain, mirrored in zip(views[::2], views[1::2], strict=True):
        assert np.array_equal(plain[:, :, ::-1], mirrored)
    brightest = [int(view.max()) for view in views[::2]]
    # Enlarging spreads a single pixel, but its own corner keeps it.
    assert brightest == pytest.approx([50, 100, 150, 200, 0], abs=10)


def test_colour_faces_of_any_shape_are_cropped_too() -> None:
    """Height, width and colours stay."""
    views = list(ten_views(np.full((2, 40, 96, 3), 7, np.uint8)))
    assert {view.shape for view in views} == {(2, 40, 96, 3)}
    assert all((view == 7).all() for view in views)


def test_the_answer_is_the_mean_over_the_views() -> None:
    """Every view counts a tenth."""
    answers = iter(np.arange(10.0))
    mean = ten_crop(
        lambda view: np.full((len(view), 2), next(answers)), np.zeros((3, 48, 48, 1), np.uint8)
    )
    assert mean == pytest.approx(np.full((3, 2), 4.5))
