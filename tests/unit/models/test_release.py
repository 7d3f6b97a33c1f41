"""A release of models: gathered in one folder, fetched from a store, checked to the last byte."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from mien_models import fetch as fetch_program
from mien_models import release as release_program
from mien_models.checksums import NAME, ChecksumError, checksums_of, parse, render
from mien_models.download import Downloader, DownloadError
from mien_models.fetch import fetch
from mien_models.release import ReleaseError, release

REGISTRY = Path(__file__).parents[3] / "models" / "registry.yaml"
ARCHIVE = "torchserve/fer2013-squeezenet-pytorch.mar"


@dataclass
class Store:
    """A release behind a real HTTP server."""

    folder: Path
    digest: str
    url: str = ""
    asked: list[str] = field(default_factory=list)
    trouble: list[int] = field(default_factory=list)
    """Statuses of the next answers; 0 breaks the connection off in the middle."""
    authorization: list[str | None] = field(default_factory=list)

    def downloader(self, session: requests.Session) -> Downloader:
        """One that does not wait long."""
        return Downloader(session=session, base=self.url, attempts=3, pause_seconds=0.01)


def handler_of(store: Store) -> Callable[..., SimpleHTTPRequestHandler]:
    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            store.asked.append(self.path)
            store.authorization.append(self.headers.get("Authorization"))
            status = store.trouble.pop(0) if store.trouble else 200
            if status == 0:
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"half of it")
                self.close_connection = True
            elif status == 200:
                super().do_GET()
            else:
                self.send_error(status)

        def log_message(self, *_: object) -> None:
            """The test asks `store.asked`."""

    return partial(Handler, directory=str(store.folder))


def build_stores(folder: Path) -> Path:
    """Write what the two builders leave, as far as a release is concerned."""
    contents = {
        ARCHIVE: b"archive",
        "torchserve/fer2013-squeezenet-pytorch.stamp.json": b"{}",
        "tensorflow/fer2013-squeezenet-tensorflow/1/saved_model.pb": b"graph",
        "tensorflow/models.config": b"of this machine",
        "tensorflow/models.image.config": b"of the image",
        "tensorflow/.models.config.tmp": b"half",
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A release of the repository's models, ready to be fetched."""
    folder = tmp_path / "store" / "release"
    store = Store(folder, release(REGISTRY, build_stores(tmp_path / "stores"), folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(store)) as server:
        store.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield store
        server.shutdown()
        thread.join()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_release_holds_what_servers_need(store: Store) -> None:
    """And nothing that is of one machine, or unfinished."""
    assert set(checksums_of(store.folder)) == {
        "registry.yaml",
        "fer2013-squeezenet/README.md",
        "ferplus-squeezenet/README.md",
        ARCHIVE,
        "torchserve/fer2013-squeezenet-pytorch.stamp.json",
        "tensorflow/fer2013-squeezenet-tensorflow/1/saved_model.pb",
        "tensorflow/models.image.config",
    }


def test_all_of_it_is_fetched(store: Store, session: requests.Session, tmp_path: Path) -> None:
    """Byte for byte."""
    into = tmp_path / "models"
    assert fetch(store.downloader(session), store.digest, into) == 7
    assert checksums_of(into) == checksums_of(store.folder)


def test_a_server_fetches_its_own_part(
    store: Store, session: requests.Session, tmp_path: Path
) -> None:
    """And a second start finds it there."""
    into = tmp_path / "models"
    downloader = store.downloader(session)
    assert fetch(downloader, store.digest, into, ["torchserve", "registry.yaml"]) == 3
    assert not (into / "tensorflow").exists()
    store.asked.clear()
    assert fetch(downloader, store.digest, into, ["torchserve/", "registry.yaml"]) == 0
    assert store.asked == [f"/{NAME}"]


def test_another_release_is_refused(
    store: Store, session: requests.Session, tmp_path: Path
) -> None:
    """Before any file of it is fetched."""
    with pytest.raises(ChecksumError, match="another release"):
        fetch(store.downloader(session), "0" * 64, tmp_path / "models")
    assert store.asked == [f"/{NAME}"]


def test_a_changed_file_is_refused(store: Store, session: requests.Session, tmp_path: Path) -> None:
    """It never gets its name."""
    (store.folder / ARCHIVE).write_bytes(b"evil code")
    into = tmp_path / "models"
    with pytest.raises(ChecksumError, match=ARCHIVE):
        fetch(store.downloader(session), store.digest, into)
    assert not list((into / "torchserve").iterdir())


@pytest.mark.parametrize("trouble", [[503], [429, 500], [0]])
def test_a_moments_trouble_is_overcome(
    store: Store, session: requests.Session, tmp_path: Path, trouble: list[int]
) -> None:
    """A busy store, and a connection that breaks off."""
    store.trouble = trouble
    assert fetch(store.downloader(session), store.digest, tmp_path / "models") == 7


@pytest.mark.parametrize(
    ("trouble", "said", "asked"), [([404], "HTTP 404", 1), ([503] * 9, "3 times over", 3)]
)
def test_lasting_trouble_is_told(
    store: Store,
    session: requests.Session,
    tmp_path: Path,
    trouble: list[int],
    said: str,
    asked: int,
) -> None:
    """With the address, after as many attempts as make sense."""
    store.trouble = trouble
    with pytest.raises(DownloadError, match=said) as caught:
        fetch(store.downloader(session), store.digest, tmp_path / "models")
    assert store.url in str(caught.value)
    assert len(store.asked) == asked


def test_a_file_without_end_is_cut_off(store: Store, session: requests.Session) -> None:
    """A disk is finite."""
    small = Downloader(session=session, base=store.url, max_file_bytes=3)
    with pytest.raises(DownloadError, match="more than 3 bytes"):
        small.file(ARCHIVE, "0" * 64, store.folder / "copy")
    assert not (store.folder / "copy").exists()


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../evil", "./a", "a//b", NAME, "a/.."]
)
def test_a_list_cannot_lead_out_of_the_folder(name: str) -> None:
    """Whoever wrote it."""
    with pytest.raises(ChecksumError, match="no place inside"):
        parse(render({name: "0" * 64}))


@pytest.mark.parametrize("text", ["", "no list", f"{'0' * 63}  short", f"{'g' * 64}  letters"])
def test_what_is_no_list_is_refused(text: str) -> None:
    """An error page, for one."""
    with pytest.raises(ChecksumError):
        parse(text)


def test_the_programs_work_together(
    store: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one prints what the other needs; credentials come from the environment."""
    monkeypatch.setenv(fetch_program.AUTHORIZATION, "Bearer secret")
    arguments = ["--from", store.url, "--sha256", store.digest, "--into", str(tmp_path / "m")]
    assert fetch_program.main([*arguments, "--only", "registry.yaml"]) == 0
    assert set(store.authorization) == {"Bearer secret"}
    assert fetch_program.main([*arguments[:3], "0" * 64]) == 1
    said = capsys.readouterr()
    assert "1/1 registry.yaml" in said.out
    assert "another release" in said.err
    assert "secret" not in said.out + said.err


def test_a_release_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And without built stores there is none."""
    stores, into = build_stores(tmp_path / "stores"), tmp_path / "release"
    options = ["--registry", str(REGISTRY), "--store", str(stores), "--into", str(into)]
    assert release_program.main(options) == 0
    assert "--sha256" in capsys.readouterr().out
    assert release_program.main(options) == 1
    assert "never written over" in capsys.readouterr().err
    with pytest.raises(ReleaseError, match="build the stores"):
        release(REGISTRY, tmp_path / "none", tmp_path / "other")
    assert not (tmp_path / "other").exists()
