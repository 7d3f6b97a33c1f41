"""The reader of the data sheets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mien_training.data import Faces, hash_data, load_fer2013
from mien_training.errors import DataError

Writer = Callable[[Faces, Faces], Path]


def test_every_face_comes_back_with_its_label_and_votes(sheets: Writer, faces: Faces) -> None:
    """Both parts are read in order from the grid of the sheet."""
    training, public = load_fer2013(sheets(faces, faces))
    for part in (training, public):
        assert np.array_equal(part.images, faces.images)
        assert np.array_equal(part.labels, faces.labels)
        assert np.array_equal(part.votes, faces.votes)


@pytest.mark.parametrize("name", ["fer2013-0.png", "fer2013-labels.npz"])
def test_a_missing_file_is_named_with_the_remedy(sheets: Writer, faces: Faces, name: str) -> None:
    """A user without the data learns which file is missing and which option names the folder."""
    folder = sheets(faces, faces)
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name}.*--data"):
        load_fer2013(folder)


@pytest.mark.parametrize("name", ["fer2013-0.png", "fer2013-labels.npz"])
@pytest.mark.parametrize("content", [b"", b"neither a picture nor an archive"])
def test_a_damaged_file_is_named(sheets: Writer, faces: Faces, name: str, content: bytes) -> None:
    """An empty or foreign file is an error about that file, not a crash of its decoder."""
    folder = sheets(faces, faces)
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        load_fer2013(folder)


def test_a_sheet_with_too_few_faces_is_refused(sheets: Writer, faces: Faces) -> None:
    """Labels without faces are an error, for they would shift every later face."""
    folder = sheets(faces, faces)
    with np.load(folder / "fer2013-labels.npz") as archive:
        label, usage, votes = (
            np.concatenate([archive[name]] * 2) for name in ("label", "usage", "ferplus_votes")
        )
    path = folder / "fer2013-labels.npz"
    np.savez(path, label=label, usage=usage, ferplus_votes=votes)
    with pytest.raises(DataError, match="hold 64 faces, the labels 80"):
        load_fer2013(folder)


def test_an_unknown_label_is_refused(sheets: Writer, faces: Faces) -> None:
    """A label beyond the seven expressions belongs to another data set."""
    faces.labels[0] = 7
    with pytest.raises(DataError, match="label above 6"):
        load_fer2013(sheets(faces, faces))


def test_the_hash_follows_the_content(sheets: Writer, faces: Faces) -> None:
    """A single changed file gives another data hash."""
    folder = sheets(faces, faces)
    before = hash_data(folder)
    assert hash_data(folder) == before
    path = folder / "fer2013-0.png"
    path.write_bytes(path.read_bytes() + b"\0")
    assert hash_data(folder) != before
