"""The packed file and what may be wrong with it."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets import find_dataset
from mien_training.datasets.faces import Parts, labelled
from mien_training.datasets.packed import PACKED, read_packed, write_packed
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import Bytes, picture


def parts(count: int = 3) -> Parts:
    """Two parts of two classes."""
    labels = np.arange(count, dtype=np.uint8) % 2
    images = np.stack([picture(int(label), n) for n, label in enumerate(labels)])[..., np.newaxis]
    return Parts(("one", "two"), labelled(images, labels, 2), labelled(images + 1, labels, 2))


def change(path: Path, **arrays: Bytes) -> None:
    with np.load(path) as archive:
        kept = {name: archive[name] for name in archive.files}
    np.savez(path, **kept | arrays)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A packed file."""
    path = tmp_path / PACKED
    write_packed(path, "nhfi", parts())
    return path


def test_what_is_missing_stays_missing(packed: Path) -> None:
    """No test is made up; nobody is known."""
    read = read_packed(packed, "nhfi")
    assert read.test is None
    assert read.training.people is not None
    assert set(read.training.people.tolist()) == {-1}


def test_the_same_faces_give_the_same_file(packed: Path, tmp_path: Path) -> None:
    """The hash on a model card tells the data, not the day."""
    write_packed(tmp_path / "again.npz", "nhfi", parts())
    assert (tmp_path / "again.npz").read_bytes() == packed.read_bytes()


def test_another_data_set_is_refused(packed: Path) -> None:
    """A card would cite the wrong one."""
    with pytest.raises(DataError, match=r"faces.npz holds the data set nhfi, not kdef: make it"):
        find_dataset("kdef").read(packed.parent)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_damaged_file_is_named(packed: Path, content: bytes) -> None:
    """One sentence with the file and the command that makes it."""
    packed.write_bytes(content)
    with pytest.raises(DataError, match=r"faces.npz is no packed data set .*mien_training.prepare"):
        read_packed(packed, "nhfi")


def test_an_array_less_is_named(packed: Path) -> None:
    """A file of another program is not guessed at."""
    np.savez(packed, images=np.zeros((1, 48, 48, 1), np.uint8))
    with pytest.raises(DataError, match=r"is no packed data set .*labels"):
        read_packed(packed, "nhfi")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("labels", np.array([0, 1, 2, 0, 1, 0], np.uint8)),
        ("part", np.array([0, 0, 0, 1, 1, 3], np.uint8)),
        ("part", np.array([0, 0, 0, 1, 1], np.uint8)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(packed: Path, name: str, array: Bytes) -> None:
    """A label without a name, a part without a meaning, a row too few."""
    change(packed, **{name: array})
    with pytest.raises(DataError, match=r"faces.npz holds arrays that do not fit each other"):
        read_packed(packed, "nhfi")


def test_a_write_that_fails_leaves_the_old_file(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half-written, and no temporary file stays behind."""
    before = packed.read_bytes()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", stop)
    with pytest.raises(KeyboardInterrupt):
        write_packed(packed, "nhfi", parts(9))
    assert packed.read_bytes() == before
    assert list(packed.parent.iterdir()) == [packed]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """One sentence with the file."""
    with pytest.raises(DataError, match=r"cannot write .*faces.npz: No such file"):
        write_packed(tmp_path / "absent" / PACKED, "nhfi", parts())
