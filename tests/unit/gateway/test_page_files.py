"""What is read of a built page, and what is not."""

from pathlib import Path

import pytest

from mien_gateway.http.static import MAX_BYTES, PageError, load_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page of one file."""
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<!doctype html>", encoding="utf-8")
    return tmp_path / "page"


def test_documents_are_served_without_their_ending_too(folder: Path) -> None:
    """The first one at the root."""
    (folder / "docs.html").write_text("docs", encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs" / "start.js").write_text("start()", encoding="utf-8")
    page = load_page(folder)
    assert set(page) == {"/", "/index.html", "/docs", "/docs.html", "/docs/start.js"}
    assert page["/"] == page["/index.html"]
    assert page["/docs"].forms["identity"] == b"docs"


def test_compressed_forms_are_not_files_of_their_own(folder: Path) -> None:
    """They belong to the file beside them."""
    for ending in (".br", ".gz"):
        (folder / f"index.html{ending}").write_bytes(ending.encode())
    page = load_page(folder)
    assert set(page) == {"/", "/index.html"}
    assert page["/"].forms == {"identity": b"<!doctype html>", "br": b".br", "gzip": b".gz"}


@pytest.mark.parametrize(
    ("name", "immutable"),
    [
        ("assets/index-Bq3_x-9Z.js", True),
        ("assets/index-Bq3_x-9Z.css", True),
        ("assets/plain.js", False),
        ("sw.js", False),
        ("workbox-1f84e78b.js", False),
        ("manifest.webmanifest", False),
        ("index.html", False),
    ],
)
def test_only_what_changes_its_name_may_be_kept(folder: Path, name: str, immutable: bool) -> None:
    """A worker's script that is kept for a year is never replaced."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    assert load_page(folder)[f"/{name}"].immutable is immutable


def test_an_etag_stands_for_the_content(folder: Path) -> None:
    """The same one at every replica, another one for another content."""
    first = load_page(folder)["/"].etag
    assert load_page(folder)["/"].etag == first
    (folder / "index.html").write_text("<!doctype html>.", encoding="utf-8")
    assert load_page(folder)["/"].etag != first


def test_links_out_of_the_folder_are_not_followed(folder: Path) -> None:
    """Neither to files nor to folders."""
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "outside").symlink_to(outside)
    assert set(load_page(folder)) == {"/", "/index.html"}


def test_a_page_that_fills_the_memory_is_refused(folder: Path) -> None:
    """Before it was read."""
    with (folder / "large.js").open("wb") as file:
        file.truncate(MAX_BYTES)
    with pytest.raises(PageError, match="larger than"):
        load_page(folder)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_a_page_is_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    """Not there, or nothing in it."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(PageError, match=r"no page.*make page"):
        load_page(tmp_path / name)


def test_what_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason."""
    (tmp_path / "index.html").touch()

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PageError, match=r"cannot be read: Permission denied"):
        load_page(tmp_path)
