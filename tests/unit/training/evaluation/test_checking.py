"""Holding stated figures to measured ones."""

import numpy as np

from mien_training.evaluation.checking import differing
from mien_training.evaluation.metrics import measure

GIVEN = np.eye(3)[[0, 1, 2, 2]] * 0.7 + 0.1
FIGURES = measure(GIVEN, GIVEN, np.array([0, 1, 2, 1]), np.zeros(4, bool), 1.0)


def test_equal_figures_pass() -> None:
    """Nothing to say about what is as stated, nor about a last digit."""
    assert differing(FIGURES, FIGURES) == []
    near = FIGURES.model_copy(update={"accuracy": FIGURES.accuracy + 0.0004})
    assert differing(near, FIGURES) == []


def test_every_changed_figure_is_named() -> None:
    """With what is stated and what was measured; figures of a class by its place."""
    recall = (FIGURES.recall[0], 0.99, *FIGURES.recall[2:])
    wrong = FIGURES.model_copy(update={"accuracy": 0.9, "recall": recall})
    assert differing(wrong, FIGURES) == [
        "accuracy is stated as 0.9, measured as 0.75",
        "recall[1] is stated as 0.99, measured as 0.5",
    ]


def test_a_model_without_figures_is_no_match() -> None:
    """What was never stated cannot be right."""
    assert "nothing is stated" in differing(None, FIGURES)[0]
