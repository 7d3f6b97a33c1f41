"""The web page over a real connection, from a gateway that has nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

START_SECONDS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page of two files, and a secret outside of it."""
    (tmp_path / "secret.txt").write_text("a secret", encoding="utf-8")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<title>a page</title>", encoding="utf-8")
    (tmp_path / "page" / "start.js").write_text("start()", encoding="utf-8")
    return tmp_path / "page"


def command_and_environment(folder: Path, registry: Path) -> tuple[list[str], dict[str, str]]:
    settings = {
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
        "MIEN_GATEWAY_REDIS_URL": "",
        "MIEN_GATEWAY_REGISTRY": str(registry),
        "MIEN_GATEWAY_PAGE_DIR": str(folder),
    }
    return [sys.executable, "-m", "mien_gateway"], os.environ | settings


@contextmanager
def gateway(folder: Path, registry: Path) -> Iterator[str]:
    """Give the address that a gateway listens on."""
    command, environment = command_and_environment(folder, registry)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr
        entries = map(json.loads, process.stderr)
        yield next(str(entry["rest"]) for entry in entries if entry["event"] == "listening")
        process.terminate()
        process.stderr.read()


def test_one_connection_serves_a_whole_visit(folder: Path, registry_file: Path) -> None:
    """Answers without a body leave it usable; no path leads out of the page."""
    with gateway(folder, registry_file) as address:
        where = urlsplit(f"http://{address}")
        connection = HTTPConnection(where.netloc, timeout=START_SECONDS)

        def ask(method: str, path: str, **headers: str) -> tuple[int, bytes]:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            asked.append(answer.getheader("ETag") or "")
            return answer.status, answer.read()

        asked: list[str] = []
        assert ask("GET", "/") == (200, b"<title>a page</title>")
        assert ask("HEAD", "/start.js") == (200, b"")
        assert ask("GET", "/", **{"If-None-Match": asked[0]}) == (304, b"")
        for path in ("/../secret.txt", "/x/../../secret.txt", "//secret.txt", "/..%2fsecret.txt"):
            status, body = ask("GET", path)
            assert (status, json.loads(body)["code"]) == (404, "not_found")
        # Another page needs another start: nothing is read while it runs.
        (folder / "index.html").write_text("changed", encoding="utf-8")
        assert ask("GET", "/") == (200, b"<title>a page</title>")
        connection.close()


def test_a_folder_without_a_page_ends_the_start_with_a_sentence(
    tmp_path: Path, registry_file: Path
) -> None:
    """Exit status 2, the folder and the remedy."""
    command, environment = command_and_environment(tmp_path / "nowhere", registry_file)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert str(tmp_path / "nowhere") in done.stderr
    assert "make page" in done.stderr
    assert "Traceback" not in done.stderr
