"""FER2013 as sheets with one label file."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import hash_files
from mien_training.datasets.fer2013 import Fer2013
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import draw_rows, draw_sheets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of sheets."""
    made = tmp_path / "data"
    draw_sheets(made)
    return made


def test_every_face_comes_back_with_its_label_and_votes(folder: Path) -> None:
    """Both parts are read in order from the grid of the sheet; PrivateTest is not in it."""
    parts = Fer2013().read(folder)
    images, labels, usage, votes = draw_rows(usages=2)
    for number, part in enumerate((parts.training, parts.validation)):
        assert np.array_equal(part.images[..., 0], images[usage == number])
        assert np.array_equal(part.labels, labels[usage == number])
        assert np.allclose(part.extra * 10, votes[usage == number])
    assert parts.test is None


@pytest.mark.parametrize("name", ["fer2013-0.png", "fer2013-labels.npz"])
def test_a_missing_file_is_named_with_the_remedy(folder: Path, name: str) -> None:
    """A user without the data learns which file is missing and which option names the folder."""
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name}.*--data"):
        Fer2013().read(folder)


@pytest.mark.parametrize("name", ["fer2013-0.png", "fer2013-labels.npz"])
@pytest.mark.parametrize("content", [b"", b"neither a picture nor an archive"])
def test_a_damaged_file_is_named(folder: Path, name: str, content: bytes) -> None:
    """An empty or foreign file is an error about that file, not a crash of its decoder."""
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        Fer2013().read(folder)


def change_labels(folder: Path, **arrays: np.ndarray) -> None:
    path = folder / "fer2013-labels.npz"
    with np.load(path) as archive:
        kept = {name: archive[name] for name in archive.files}
    np.savez(path, **kept | arrays)


def test_a_sheet_with_too_few_faces_is_refused(folder: Path) -> None:
    """Labels without faces are an error, for they would shift every later face."""
    more = {name: np.zeros(65, np.uint8) for name in ("label", "usage")}
    change_labels(folder, **more, ferplus_votes=np.zeros((65, 10), np.uint8))
    with pytest.raises(DataError, match="hold 64 faces, the labels 65"):
        Fer2013().read(folder)


def test_an_unknown_label_is_refused(folder: Path) -> None:
    """A label beyond the seven expressions belongs to another data set."""
    change_labels(folder, label=np.full(64, 7, np.uint8))
    with pytest.raises(DataError, match="label above 6"):
        Fer2013().read(folder)


def test_a_label_file_of_no_face_is_refused(folder: Path) -> None:
    """Nothing can be trained on nothing."""
    change_labels(folder, label=np.zeros(0, np.uint8))
    with pytest.raises(DataError, match="holds no face"):
        Fer2013().read(folder)


def test_the_hash_follows_the_content(folder: Path) -> None:
    """A single changed file gives another data hash."""
    before = hash_files(Fer2013().files(folder))
    path = folder / "fer2013-0.png"
    path.write_bytes(path.read_bytes() + b"\0")
    assert hash_files(Fer2013().files(folder)) != before
    path.unlink()
    with pytest.raises(DataError, match="cannot read"):
        hash_files([path])
