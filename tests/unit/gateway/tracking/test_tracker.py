"""Faces keep their numbers."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.domain import Box, Face, Landmarks, Point
from mien_gateway.tracking.smoothing import Smoothing
from mien_gateway.tracking.tracker import FaceTracker, TrackingLimits

MARKS = Landmarks(Point(1, 1), Point(2, 1), Point(1.5, 2), Point(1, 3), Point(2, 3))


def face(x: float, y: float = 100, size: float = 80, score: float = 0.9) -> Face:
    """A face at a place."""
    return Face(Box(x, y, size, size), MARKS, score, (0.6, 0.4))


def numbers(tracker: FaceTracker, at: float, *faces: Face) -> list[int]:
    """The tracks of the faces of one frame."""
    return [tracked.track for tracked in tracker.update(at, faces)]


def test_two_faces_keep_their_numbers_in_any_order() -> None:
    """The detector sorts by size; the tracker does not mind."""
    tracker = FaceTracker()
    for frame in range(30):
        left, right = face(100 + frame), face(400 - frame)
        seen = (left, right) if frame % 2 else (right, left)
        found = numbers(tracker, frame / 30, *seen)
        assert found == ([2, 1] if frame % 2 else [1, 2])


def test_two_faces_that_pass_each_other_keep_their_numbers() -> None:
    """Motion tells them apart where overlap alone would not."""
    rng = random.Random(1)
    tracker = FaceTracker()
    for frame in range(90):
        left = face(100 + 4 * frame + rng.gauss(0, 1), 100)
        right = face(460 - 4 * frame + rng.gauss(0, 1), 150)
        assert numbers(tracker, frame / 30, left, right) == [1, 2]


def test_an_unsure_face_goes_on_with_its_track_but_begins_none() -> None:
    """As ByteTrack has it: a face half hidden for a moment."""
    tracker = FaceTracker()
    assert numbers(tracker, 0.0, face(100)) == [1]
    assert numbers(tracker, 0.1, face(102, score=0.35)) == [1]
    assert numbers(tracker, 0.2, face(104), face(400, score=0.35)) == [1]


def test_a_sure_face_is_served_before_an_unsure_one() -> None:
    """Even where the unsure one overlaps more."""
    tracker = FaceTracker()
    numbers(tracker, 0.0, face(100))
    tracked = tracker.update(0.1, [face(100, score=0.4), face(115)])
    assert [(one.track, one.face.box.x) for one in tracked] == [(1, 115)]


def test_a_lost_face_is_remembered_for_a_while_only() -> None:
    """Who comes back later is somebody new: nobody is recognised here."""
    tracker = FaceTracker(limits=TrackingLimits(keep_seconds=1))
    assert numbers(tracker, 0.0, face(100)) == [1]
    numbers(tracker, 0.5)
    assert numbers(tracker, 0.9, face(100)) == [1]
    numbers(tracker, 2.0)
    assert numbers(tracker, 2.1, face(100)) == [2]


def test_probabilities_are_smoothed_per_track() -> None:
    """And the others' are not touched."""
    tracker = FaceTracker(smoothing=Smoothing(time_constant_seconds=1, hold_seconds=0))
    calm, changing = face(100), face(400)
    tracker.update(0.0, [calm, changing])
    changed = replace(changing, probabilities=(0.1, 0.9))
    first, second = tracker.update(0.1, [calm, changed])
    assert first.face.probabilities == (0.6, 0.4)
    assert 0.4 < second.face.probabilities[1] < 0.5


def test_time_never_runs_back() -> None:
    """A late frame counts as now."""
    tracker = FaceTracker()
    assert numbers(tracker, 10.0, face(100)) == [1]
    assert numbers(tracker, 3.0, face(101)) == [1]
    assert numbers(tracker, 10.1, face(102)) == [1]


@given(
    st.lists(
        st.lists(
            st.builds(
                face,
                st.floats(0, 600),
                st.floats(0, 300),
                st.floats(5, 200),
                st.floats(0.3, 1),
            ),
            max_size=5,
        ),
        max_size=15,
    )
)
def test_no_frame_has_one_number_twice(frames: list[list[Face]]) -> None:
    """Whatever the detector says; and every sure face has a number."""
    tracker = FaceTracker()
    for place, faces in enumerate(frames):
        tracked = tracker.update(place / 10, faces)
        found = [one.track for one in tracked]
        assert len(set(found)) == len(found)
        assert len(found) >= sum(one.detection_score >= 0.6 for one in faces)
