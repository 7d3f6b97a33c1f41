"""Figures, calibration error and temperature."""

import numpy as np
import pytest

from mien_training.evaluation.calibration import cross_entropy, fit_temperature
from mien_training.evaluation.metrics import Figures, confusions, measure
from mien_training.evaluation.reliability import reliability, without_temperature

LABELS = np.array([0, 0, 1, 2])
GIVEN = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])


def figures_of(given: np.ndarray, labels: np.ndarray) -> Figures:
    return measure(given, given, labels, np.zeros(len(labels), bool), 1.0)


def test_figures_of_a_case_counted_by_hand() -> None:
    """One of four faces is wrong: class 0 taken for class 1."""
    figures = figures_of(GIVEN, LABELS)
    assert figures.accuracy == 0.75
    assert figures.recall == (0.5, 1.0, 1.0)
    assert figures.precision == (1.0, 0.5, 1.0)
    assert figures.f1 == pytest.approx((2 / 3, 2 / 3, 1), abs=1e-4)
    assert figures.confusion == ((1, 1, 0), (0, 1, 0), (0, 0, 1))
    assert figures.balanced_accuracy == pytest.approx(2.5 / 3, abs=1e-4)
    assert figures.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-4)
    assert figures.weighted_f1 == pytest.approx((2 * 2 / 3 + 2 / 3 + 1) / 4, abs=1e-4)
    assert figures.nll == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4, abs=1e-4)
    assert figures.ece == pytest.approx(0.05)


def test_ten_crops_and_unseen_pictures_have_their_own_figure() -> None:
    """The mean over views is scored beside the plain answer; known pictures can be left out."""
    seen = np.array([True, False, False, False])
    figures = measure(GIVEN, np.eye(3)[LABELS], LABELS, seen, 1.0)
    assert (figures.accuracy, figures.ten_crop_accuracy) == (0.75, 1.0)
    assert figures.unseen_accuracy == pytest.approx(2 / 3, abs=1e-4)


def test_a_class_that_is_absent_has_no_recall_and_no_crash() -> None:
    """A class without faces counts as zero instead of a division by zero."""
    assert figures_of(GIVEN[:3], LABELS[:3]).recall == (0.5, 1.0, 0.0)


def test_confusions_are_ordered_by_their_share() -> None:
    """Three of four faces of a small class come before four of forty of a large one."""
    matrix = np.array([[36, 4, 0], [0, 9, 1], [3, 0, 1]])
    assert confusions(matrix, most=2) == [(2, 0, 3, 0.75), (0, 1, 4, 0.1)]
    assert len(confusions(matrix, most=9)) == 3


def test_full_confidence_falls_into_the_last_bin() -> None:
    """A probability of exactly one is counted, right or wrong."""
    bins = reliability(np.eye(3)[[0, 0, 1, 1]], LABELS)
    assert bins.counts[-1] == 4
    assert bins.error == pytest.approx(0.25)


def test_bins_hold_confidence_and_accuracy() -> None:
    """Two faces at 0.9, one of them right, are a bin of 0.9 and one half."""
    given = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    bins = reliability(given, np.array([0, 1, 1]))
    assert bins.counts[[9, 13]].tolist() == [1, 2]
    assert bins.confidence[13] == pytest.approx(0.9)
    assert bins.accuracy[[9, 13]].tolist() == [1.0, 0.5]
    assert bins.error == pytest.approx((2 * 0.4 + 0.4) / 3)


def test_the_temperature_that_made_logits_too_sure_is_found() -> None:
    """Logits whose labels were drawn from them, made three times too large, are calmed by three."""
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 5))
    noise = rng.gumbel(size=honest.shape)
    labels = (honest + noise).argmax(axis=1)
    assert fit_temperature(honest * 3, labels) == pytest.approx(3, rel=0.03)


def test_cross_entropy_of_huge_logits_is_finite() -> None:
    """Large logits do not overflow."""
    assert cross_entropy(np.array([[1e4, 0.0]]), np.array([1])) == pytest.approx(1e4)


def test_the_temperature_can_be_taken_off_again() -> None:
    """Probabilities tempered by two and freed of it are those of the plain logits."""
    logits = np.array([[1.0, 2.0, 4.0]])

    def softmax(values: np.ndarray) -> np.ndarray:
        shares: np.ndarray = np.exp(values) / np.exp(values).sum()
        return shares

    assert without_temperature(softmax(logits / 2), 2.0) == pytest.approx(softmax(logits))
