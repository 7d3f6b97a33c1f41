"""YuNet's file is taken from this machine or downloaded, and its hash decides."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mien_detector.detectors import model_file
from mien_detector.detectors.factory import make_detector
from mien_detector.detectors.model_file import FILE_NAME, ModelSource, find_or_download
from mien_detector.errors import ModelUnavailableError
from mien_detector.types import DetectorChoice

GENUINE = b"the very bytes"


class Origin(BaseHTTPRequestHandler):
    """Serves by path: the file, another file, an endless one, one that drips, nothing."""

    def do_GET(self) -> None:
        """Answer by the path."""
        answer = getattr(self, "answer_" + self.path.strip("/"), None)
        if answer is None:
            self.send_error(404)
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
            answer()

    def answer_genuine(self) -> None:
        """Send the file."""
        self._send(GENUINE)

    def answer_other(self) -> None:
        """Send another file."""
        self._send(b"something else")

    def answer_moved(self) -> None:
        """Send the client elsewhere."""
        self.send_response(302)
        self.send_header("Location", "/genuine")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_huge(self) -> None:
        """Send far too much."""
        self._send(bytes(5_000_000))

    def answer_silent(self) -> None:
        """Send nothing for a while."""
        time.sleep(1)

    def answer_cut(self) -> None:
        """Send less than announced."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"short")

    def answer_dripping(self) -> None:
        """Send byte by byte, slowly."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base
        """Log nothing."""
        del format, args

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of a local HTTP server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pin the hash of the bytes that these tests serve."""
    monkeypatch.setattr(model_file, "SHA256", hashlib.sha256(GENUINE).hexdigest())


def source(url: str, cache: Path, *folders: Path, timeout: float = 5) -> ModelSource:
    return ModelSource(folders=folders, cache=cache, url=url, timeout_seconds=timeout)


def put(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / FILE_NAME
    path.write_bytes(content)
    return path


def test_a_file_that_is_here_is_taken_without_a_download(tmp_path: Path) -> None:
    """The folder comes before the cache, and no address is asked."""
    here = put(tmp_path / "models", GENUINE)
    put(tmp_path / "cache", GENUINE)
    found = find_or_download(source("http://127.0.0.1:9", tmp_path / "cache", here.parent))
    assert found == here


def test_a_downloaded_file_is_kept(origin: str, tmp_path: Path) -> None:
    """The second start needs no network, and no half file is left beside it."""
    cache = tmp_path / "new" / "cache"
    path = find_or_download(source(f"{origin}/genuine", cache))
    assert path.read_bytes() == GENUINE
    assert list(cache.iterdir()) == [path]
    assert find_or_download(source("http://127.0.0.1:9", cache)) == path


def test_a_redirect_is_followed(origin: str, tmp_path: Path) -> None:
    """Origins move their files to other hosts."""
    assert find_or_download(source(f"{origin}/moved", tmp_path)).read_bytes() == GENUINE


def test_a_file_of_another_hash_is_replaced_by_a_download(origin: str, tmp_path: Path) -> None:
    """A damaged cache heals; a damaged model folder is passed over, not written to."""
    damaged = put(tmp_path / "models", b"damaged")
    put(tmp_path / "cache", b"damaged too")
    found = find_or_download(source(f"{origin}/genuine", tmp_path / "cache", damaged.parent))
    assert found == tmp_path / "cache" / FILE_NAME
    assert found.read_bytes() == GENUINE
    assert damaged.read_bytes() == b"damaged"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("other", "SHA-256 is not"),
        ("missing", "404"),
        ("huge", "more than 4000000 bytes"),
        ("cut", "cannot be downloaded"),
    ],
)
def test_what_is_not_the_file_is_refused(
    origin: str, tmp_path: Path, path: str, reason: str
) -> None:
    """Another hash, no file, too many bytes, too few: nothing is kept."""
    with pytest.raises(ModelUnavailableError, match=reason):
        find_or_download(source(f"{origin}/{path}", tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["silent", "dripping"])
def test_a_slow_origin_is_given_up(origin: str, tmp_path: Path, path: str) -> None:
    """The time holds for the whole download, even when bytes keep coming."""
    started = time.monotonic()
    with pytest.raises(ModelUnavailableError, match="cannot be downloaded"):
        find_or_download(source(f"{origin}/{path}", tmp_path, timeout=0.3))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/closed", "no address", "ftp://127.0.0.1/x"])
def test_an_address_that_cannot_be_reached_is_named(url: str, tmp_path: Path) -> None:
    """The message holds the address."""
    with pytest.raises(ModelUnavailableError, match=url):
        find_or_download(source(url, tmp_path))


def test_a_cache_that_cannot_be_written_is_named(origin: str, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ModelUnavailableError, match="cannot be written"):
        find_or_download(source(f"{origin}/genuine", blocked / "cache"))


def test_auto_falls_back_where_the_file_cannot_be_had(origin: str, tmp_path: Path) -> None:
    """A machine without network still finds faces."""
    detector = make_detector(DetectorChoice.AUTO, source(f"{origin}/missing", tmp_path))
    assert detector.name == "libfacedetection"


def test_yunet_by_name_does_not_fall_back(origin: str, tmp_path: Path) -> None:
    """Who asks for YuNet gets YuNet or a reason."""
    with pytest.raises(ModelUnavailableError, match="404"):
        make_detector(DetectorChoice.YUNET, source(f"{origin}/missing", tmp_path))


def test_libfacedetection_needs_no_file(tmp_path: Path) -> None:
    """Nothing is looked for or downloaded."""
    chosen = make_detector(DetectorChoice.LIBFACEDETECTION, source("no address", tmp_path))
    assert chosen.name == "libfacedetection"


def test_a_file_that_is_no_model_is_named(origin: str, tmp_path: Path) -> None:
    """The hash is right and the content is not: the runtime's refusal becomes ours."""
    with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
        make_detector(DetectorChoice.YUNET, source(f"{origin}/genuine", tmp_path))
