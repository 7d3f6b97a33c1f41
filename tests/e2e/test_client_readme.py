"""The client's README: its Python is run as it stands, but for the ports."""

import builtins
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mien_client
from tests.fakes.videos import steady, write_video
from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

README = (ROOT / "client" / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, photo: bytes) -> Path:
    """The files that a reader has."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "photo.jpg").write_bytes(photo)
    write_video(folder / "clip.mp4", steady(2, 10))
    return folder


@pytest.mark.parametrize("text", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_runs(system: System, folder: Path, text: str) -> None:
    """And shows an expression, or what went wrong."""
    text = text.replace("localhost:8000", f"localhost:{system.settings.rest_port}")
    text = text.replace("localhost:9000", f"localhost:{system.settings.grpc_port}")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"happy|unsupported_media_type", done.stdout)


def test_everything_that_is_named_is_there() -> None:
    """Errors and methods; and every error is named, beside Python's own."""
    errors = {name for name in mien_client.__all__ if name.endswith("Error")}
    named = {name for name in re.findall(r"`(\w+Error)`", README) if not hasattr(builtins, name)}
    assert named == errors
    methods = set(re.findall(r"`(\w+)\(", README)) | {"follow_video", "save_video"}
    assert methods - {"Client", "on_progress"} <= set(dir(mien_client.Client))
