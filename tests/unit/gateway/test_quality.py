"""What is said of a face: how well it can be judged, and how sure the label is."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.analysis.labelling import (
    UNCERTAIN,
    LabelPolicy,
    QualityIssue,
    QualityLimits,
    assess,
)
from mien_gateway.domain import Box, Face, Landmarks, Point

LABELS = ("happy", "sad", "neutral")
LIMITS = QualityLimits()
FRONTAL = Face(
    Box(0, 0, 100, 120),
    Landmarks(Point(30, 40), Point(70, 40), Point(50, 62), Point(34, 85), Point(66, 85)),
    0.9,
    (0.2, 0.5, 0.3),
    0.5,
)


def seen_from(yaw: float, roll: float = 0) -> Face:
    """The face of a head in space, turned and tilted: the nose stands out before the eyes."""
    points = {}
    for name, (x, y, z) in {
        "left_eye": (-0.5, 0, 0),
        "right_eye": (0.5, 0, 0),
        "nose": (0, 0.6, 0.55),
        "left_mouth": (-0.4, 1.1, 0.1),
        "right_mouth": (0.4, 1.1, 0.1),
    }.items():
        turned = x * math.cos(math.radians(yaw)) + z * math.sin(math.radians(yaw))
        c, s = math.cos(math.radians(roll)), math.sin(math.radians(roll))
        points[name] = Point(100 + 40 * (turned * c - y * s), 100 + 40 * (turned * s + y * c))
    return replace(FRONTAL, landmarks=Landmarks(**points))


def test_a_good_face_has_no_issue() -> None:
    """Frontal, large, sharp."""
    quality = assess(FRONTAL, LIMITS)
    assert quality.issues == ()
    assert quality.size_pixels == 100
    assert quality.yaw_degrees == pytest.approx(0)
    assert quality.roll_degrees == pytest.approx(0)


@given(st.floats(-60, 60), st.floats(-80, 80))
def test_angles_are_found_back(yaw: float, roll: float) -> None:
    """Of a head of the usual shape, to within a degree."""
    quality = assess(seen_from(yaw, roll), LIMITS)
    assert quality.yaw_degrees == pytest.approx(yaw, abs=1)
    assert quality.roll_degrees == pytest.approx(roll, abs=1)
    assert (QualityIssue.TURNED in quality.issues) == (abs(quality.yaw_degrees) > 45)


@pytest.mark.parametrize(
    ("face", "issue"),
    [
        (replace(FRONTAL, box=Box(0, 0, 39, 60)), QualityIssue.TOO_SMALL),
        (replace(FRONTAL, sharpness=0.02), QualityIssue.BLURRED),
        (seen_from(60), QualityIssue.TURNED),
        (seen_from(-60), QualityIssue.TURNED),
    ],
)
def test_each_issue_is_marked(face: Face, issue: QualityIssue) -> None:
    """Alone where it is alone."""
    assert assess(face, LIMITS).issues == (issue,)


def test_points_that_coincide_break_nothing() -> None:
    """A detector may put both eyes into one place."""
    here = Point(5, 5)
    quality = assess(replace(FRONTAL, landmarks=Landmarks(here, here, here, here, here)), LIMITS)
    assert math.isfinite(quality.yaw_degrees)


def test_below_the_confidence_the_label_is_uncertain() -> None:
    """With its probability still told; at the confidence it is sure."""
    assert LabelPolicy(0.5).label(FRONTAL, LABELS).label == "sad"
    unsure = LabelPolicy(0.51).label(FRONTAL, LABELS)
    assert (unsure.label, unsure.probability) == (UNCERTAIN, 0.5)


def test_a_stream_may_hold_another_label() -> None:
    """The one it shows has the probability it has."""
    held = LabelPolicy(0.25).label(FRONTAL, LABELS, top=2)
    assert (held.label, held.probability) == ("neutral", 0.3)
