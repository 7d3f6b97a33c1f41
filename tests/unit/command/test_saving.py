"""Files that are written."""

from pathlib import Path

import pytest

from mien_client.command.faults import CommandError
from mien_client.command.saving import Folder


def test_pictures_of_the_same_name_do_not_meet(tmp_path: Path) -> None:
    """Two folders may each have a `photo.jpg`."""
    folder = Folder(tmp_path / "new" / "deep")
    paths = [folder.save("photo", ".png", content) for content in (b"1", b"2", b"3")]
    assert [path.name for path in paths] == ["photo.png", "photo-2.png", "photo-3.png"]
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b"3"]


def test_another_run_replaces_what_one_has_written(tmp_path: Path) -> None:
    """So that a second try does not pile up files."""
    for content in (b"old", b"new"):
        Folder(tmp_path).save("photo", ".png", content)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


def test_what_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    """A file where the folder should be, a folder where the file should be."""
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="cannot be written"):
        Folder(tmp_path / "file")
    (tmp_path / "photo.png").mkdir()
    with pytest.raises(CommandError, match=r"photo\.png cannot be written"):
        Folder(tmp_path).save("photo", ".png", b"")
