"""Overlap, and who belongs to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.domain import Box
from mien_gateway.tracking.tracker import associate, overlap

numbers = st.floats(-500, 500)
sizes = st.floats(1, 300)
boxes = st.builds(Box, numbers, numbers, sizes, sizes)


def test_overlap_is_intersection_over_union() -> None:
    """Worked out by hand."""
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(50 / 150)
    assert overlap(Box(0, 0, 10, 10), Box(0, 0, 10, 10)) == 1
    assert overlap(Box(0, 0, 10, 10), Box(10, 0, 10, 10)) == 0


@given(boxes, boxes)
def test_overlap_is_a_share_and_symmetric(one: Box, other: Box) -> None:
    """Whatever the boxes."""
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert -1e-9 <= overlap(one, other) <= 1 + 1e-9


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6), st.floats(0.01, 1))
def test_pairs_use_each_box_once_and_overlap_enough(
    expected: list[Box], seen: list[Box], least: float
) -> None:
    """And no pair that could still be made is left out."""
    pairs = associate(expected, seen, least)
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    assert len(set(lefts)) == len(lefts)
    assert len(set(rights)) == len(rights)
    assert all(overlap(expected[left], seen[right]) >= least for left, right in pairs)
    for left in set(range(len(expected))) - set(lefts):
        for right in set(range(len(seen))) - set(rights):
            assert overlap(expected[left], seen[right]) < least


def test_the_larger_overlap_wins() -> None:
    """Two expected boxes want the same one."""
    near, nearer = Box(0, 0, 100, 100), Box(10, 0, 100, 100)
    assert associate([near, nearer], [Box(15, 0, 100, 100)], 0.1) == [(1, 0)]
