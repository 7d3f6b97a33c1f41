"""Which box belongs to which: pairs of the largest overlap first."""

from collections.abc import Sequence

from mien_gateway.domain import Box


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (one.width * one.height + other.width * other.height - both)


def associate(
    expected: Sequence[Box], seen: Sequence[Box], minimum_overlap: float
) -> list[tuple[int, int]]:
    """Return pairs of indices, each used once at most.

    Faces overlap each other little, so that taking the best pair first finds what an
    optimal assignment would, in a fraction of the time.
    """
    candidates = sorted(
        (
            (share, place, index)
            for place, box in enumerate(expected)
            for index, other in enumerate(seen)
            if (share := overlap(box, other)) >= minimum_overlap
        ),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    left, right = set(range(len(expected))), set(range(len(seen)))
    for _, place, index in candidates:
        if place in left and index in right:
            left.remove(place)
            right.remove(index)
            pairs.append((place, index))
    return pairs
