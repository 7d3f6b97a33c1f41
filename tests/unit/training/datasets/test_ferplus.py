"""FER+: votes instead of labels."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets.faces import Faces
from mien_training.datasets.ferplus import LABELS, FerPlus, counted, strict_majority
from tests.unit.training.datasets.drawing import draw_rows, draw_tables

VOTES = {
    "agreed": [10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "six of ten": [0, 6, 0, 4, 0, 0, 0, 0, 0, 0],
    "half is no majority": [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    "single votes are dropped": [5, 1, 1, 3, 0, 0, 0, 0, 0, 0],
    "unknown wins": [3, 0, 0, 0, 0, 0, 0, 0, 7, 0],
    "no face": [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],
    "only single votes": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    "a first name without majority": [4, 3, 3, 0, 0, 0, 0, 0, 0, 0],
}
SCORED = {"agreed", "six of ten", "single votes are dropped"}


@pytest.mark.parametrize("case", VOTES)
def test_a_face_is_scored_where_a_class_has_more_than_half(case: str) -> None:
    """Votes of one annotator alone do not count; unknown and not-a-face are no classes."""
    votes = counted(np.array([VOTES[case]], np.uint8))
    assert strict_majority(votes).tolist() == [case in SCORED]


def everything(*parts: Faces | None) -> list[Faces]:
    return [part for part in parts if part is not None]


@pytest.mark.parametrize("soft", [False, True])
def test_faces_of_all_three_usages_are_read(tmp_path: Path, *, soft: bool) -> None:
    """PrivateTest is the test here too; the eighth class is contempt."""
    draw_tables(tmp_path)
    parts = FerPlus(soft=soft).read(tmp_path)
    assert parts.labels == LABELS
    sides = everything(parts.training, parts.validation, parts.test)
    assert [np.bincount(side.labels).tolist() for side in sides] == [[4] * 8] * 3
    images, _, usage, _ = draw_rows()
    for number, side in enumerate(sides):
        assert np.array_equal(side.images[..., 0], images[usage == number])


def test_soft_targets_are_the_shares_of_the_classes(tmp_path: Path) -> None:
    """A face that two classes share is aimed at both; the plain reader leaves it out."""
    draw_tables(tmp_path)
    path = tmp_path / "fer2013new.csv"
    lines = path.read_text().splitlines()
    lines[1] = "Training,fer.png,5,5,0,0,0,0,0,0,0,0"
    path.write_text("\n".join(lines))
    soft = FerPlus(soft=True).read(tmp_path).training
    assert np.allclose(soft.targets[0], [0.5, 0.5, 0, 0, 0, 0, 0, 0])
    assert len(FerPlus(soft=False).read(tmp_path).training) == len(soft) - 1
