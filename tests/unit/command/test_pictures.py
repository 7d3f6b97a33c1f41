"""Which pictures the arguments name."""

import io
import sys
from pathlib import Path

import pytest
import typer

from mien_client.command.pictures import EmptyFolder, Picture, named


def test_files_are_taken_as_they_are_named(tmp_path: Path) -> None:
    """Whatever their names end in, and whether or not they exist: reading them tells."""
    paths = [tmp_path / "b.jpg", tmp_path / "a.txt"]
    selection = named([str(path) for path in paths])
    assert selection.pictures == [Picture(str(path), path) for path in paths]
    assert not selection.left_out


def test_a_folder_gives_its_pictures_sorted(tmp_path: Path) -> None:
    """Those of its folders, too; other files are counted, and hidden ones are none of them."""
    others = ("notes.txt", "f.HEIC", "sub/g.heic", "h", ".cache/d.jpg", ".e.jpg")
    for name in ("b.JPG", "a.png", "sub/c.webp", *others):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    selection = named([str(tmp_path)])
    found = [each.name for each in selection.pictures]
    assert selection.left_out == {".txt": 1, ".heic": 2, "": 1}
    assert found == [str(tmp_path / name) for name in ("a.png", "b.JPG", "sub/c.webp")]


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    """Silence would look like success."""
    assert named([str(tmp_path)]).pictures == [EmptyFolder(str(tmp_path))]


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` names it, and only once."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"picture")))
    (picture,) = named(["-"]).pictures
    assert isinstance(picture, Picture)
    assert (picture.read(), picture.stem) == (b"picture", "stdin")
    with pytest.raises(typer.BadParameter, match="only once"):
        named(["-", "a.jpg", "-"])


def test_a_terminal_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types a JPEG; the command would wait for ever."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    with pytest.raises(typer.BadParameter, match="pipe a picture in"):
        named(["-"])
