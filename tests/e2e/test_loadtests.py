"""Locust, with our users, against the running system."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
PYTHON = ROOT / "build" / "tools" / "locust" / "bin" / "python"
# One request of each user a second, for ten seconds.
USERS, SECONDS = 6, 10


@pytest.fixture(scope="module")
def locust() -> Path:
    """A Python that has Locust."""
    if not PYTHON.exists():
        pytest.skip("Locust is missing: `make loadtest` installs it into build/tools/locust")
    return PYTHON


def run(
    python: Path, system: System, *arguments: str, users: int = USERS
) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(python), "-m", "mien_loadtests", "--headless", "--only-summary"),
        *("-u", str(users), "-r", str(users), "-t", f"{SECONDS}s"),
        *("-H", system.settings.rest_url),
        *("--grpc-target", f"127.0.0.1:{system.settings.grpc_port}"),
        *arguments,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "loadtests" / "src")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=90, env=environment
    )


def test_every_protocol_and_both_frameworks_are_asked_and_answer(
    locust: Path, system: System
) -> None:
    """The pace is kept, nothing fails, and the status is 0."""
    done = run(locust, system, "--min-rate", str(USERS * 0.7))
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(POST|gRPC|WebSocket) +(\S+) +(\d+) +0\(", done.stderr, re.MULTILINE)
    assert {(protocol, model) for protocol, model, _ in rows} == {
        (protocol, f"fer2013-squeezenet-{framework}")
        for protocol in ("POST", "gRPC", "WebSocket")
        for framework in ("pytorch", "tensorflow")
    }
    assert sum(int(number) for *_, number in rows) >= USERS * SECONDS * 0.7


def test_a_limit_that_is_not_kept_fails_the_run(locust: Path, system: System) -> None:
    """No network answers within a tenth of a millisecond."""
    done = run(locust, system, "--max-p95-seconds", "0.0001", "--tags", "pytorch", users=1)
    assert done.returncode == 1
    assert "Not good enough: " in done.stderr
    assert "allowed are 0 ms" in done.stderr


def test_wrong_answers_fail_the_run(locust: Path, system: System, tmp_path: Path) -> None:
    """A picture without a face is answered with 200, and counts as a failure all the same."""
    Image.new("RGB", (320, 240)).save(tmp_path / "grey.jpg")
    done = run(locust, system, "--picture", str(tmp_path / "grey.jpg"), users=3)
    assert done.returncode == 1
    for protocol in ("POST", "gRPC", "WebSocket"):
        assert re.search(rf"{protocol} \S+: WrongAnswerError.*number of faces is 0", done.stderr)
