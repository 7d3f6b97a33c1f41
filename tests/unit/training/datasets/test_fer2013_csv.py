"""FER2013 as the original table, and as Kaggle's later copy."""

import csv
from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets.fer2013 import Fer2013
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import draw_rows, draw_tables, write_table


@pytest.mark.parametrize("kaggle", [False, True])
def test_the_three_usages_become_the_three_parts(tmp_path: Path, *, kaggle: bool) -> None:
    """Training trains, PublicTest validates, PrivateTest is the test and nothing else."""
    draw_tables(tmp_path, kaggle=kaggle)
    parts = Fer2013().read(tmp_path)
    images, labels, usage, votes = draw_rows()
    for number, part in enumerate((parts.training, parts.validation, parts.test)):
        assert part is not None
        assert np.array_equal(part.images[..., 0], images[usage == number])
        assert np.array_equal(part.labels, labels[usage == number])
        assert np.allclose(part.extra * 10, votes[usage == number])


def test_without_the_votes_there_is_nothing_extra(tmp_path: Path) -> None:
    """Their table is not needed for the seven labels."""
    draw_tables(tmp_path, votes=False)
    parts = Fer2013().read(tmp_path)
    assert parts.training.extra.shape == (len(parts.training), 0)
    assert Fer2013().files(tmp_path) == [tmp_path / "fer2013.csv"]


def change_cell(path: Path, row: int, column: int, value: str | None) -> None:
    """Change a cell, the header being row 0; None drops it."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    rows[row][column : column + 1] = [] if value is None else [value]
    write_table(path, rows[0], [list(values) for values in rows[1:]])


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (0, 1, "pixel", "fer2013.csv has no column pixels, only emotion, pixel, Usage"),
        (3, 0, "7", "fer2013.csv, line 4 has the label '7', not one from 0 to 6"),
        (3, 0, "happy", "line 4 has the label 'happy'"),
        (3, 0, "-1", "line 4 has the label '-1'"),
        (3, 1, "1 2 3", "line 4 has 3 pixels instead of 2304"),
        (3, 1, "1 2 256", "line 4 has a pixel that is no number from 0 to 255"),
        (3, 1, "1 two 3", "line 4 has a pixel that is no number"),
        (3, 2, "Test", "line 4 has the usage 'Test', not one of Training"),
        (3, 2, None, "line 4 has 2 values for 3 columns"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line(
    tmp_path: Path, row: int, column: int, value: str | None, told: str
) -> None:
    """One sentence with file, line and remedy."""
    draw_tables(tmp_path, votes=False)
    change_cell(tmp_path / "fer2013.csv", row, column, value)
    with pytest.raises(DataError, match=rf"{told}.*--data"):
        Fer2013().read(tmp_path)


@pytest.mark.parametrize(
    ("row", "column", "value", "told"),
    [
        (0, 2, "calm", "fer2013new.csv has no column neutral"),
        (2, 2, "many", "fer2013new.csv, line 3 has votes that are no numbers from 0 to 255"),
        (2, 0, "PrivateTest", "line 3 does not belong to the same row of the faces' table"),
    ],
)
def test_wrong_votes_are_told_with_their_line(
    tmp_path: Path, row: int, column: int, value: str, told: str
) -> None:
    """Votes that do not belong to the faces would be learned without a trace."""
    draw_tables(tmp_path)
    change_cell(tmp_path / "fer2013new.csv", row, column, value)
    with pytest.raises(DataError, match=told):
        Fer2013().read(tmp_path)


def test_votes_for_fewer_faces_are_refused(tmp_path: Path) -> None:
    """The two tables have the same rows, or they are of different editions."""
    draw_tables(tmp_path)
    path = tmp_path / "fer2013new.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match=r"fer2013new.csv has 95 rows, the faces' table 96"):
        Fer2013().read(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no column emotion, pixels, Usage"),
        (b"emotion,pixels,Usage\n", "holds no face"),
        (b"emotion,pixels,Usage\n\xff\xfe", "as a table"),
    ],
)
def test_a_table_of_nothing_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """An empty or foreign file is an error about that file."""
    (tmp_path / "fer2013.csv").write_bytes(content)
    with pytest.raises(DataError, match=rf"fer2013.csv {told}|fer2013.csv.*{told}"):
        Fer2013().read(tmp_path)


def test_a_class_without_a_face_is_named(tmp_path: Path) -> None:
    """A class that nobody can learn is not passed over in silence."""
    draw_tables(tmp_path, votes=False)
    path = tmp_path / "fer2013.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("1,")))
    with pytest.raises(DataError, match="no face for training of the class disgust"):
        Fer2013().read(tmp_path)
