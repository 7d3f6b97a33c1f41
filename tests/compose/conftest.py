"""The system in containers: built once, brought up for each test as it needs it, removed."""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from mien_stack.images import hand_in
from tests.compose.docker import BUILD_SECONDS, Project, absent
from tests.running_system import ROOT, YUNET_DIR

REPORT = Path(ROOT / "build" / "compose.md")
FIRST_ANSWER_SECONDS = 120
_LOWEST_PORT = 20000


def note(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Add a table to the report; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, f"|{'---|' * len(rows[0])}")
    with REPORT.open("a", encoding="utf-8") as file:
        file.write(f"## {title}\n\n" + "\n".join(lines) + "\n\n")


@pytest.fixture(scope="session")
def project(photo: bytes) -> Iterator[Project]:
    """The system with its defaults, first time up; at the end nothing of it is left."""
    if os.environ.get("MIEN_TEST_COMPOSE") != "1":
        pytest.skip("`make compose-test` runs it")
    if reason := absent():
        pytest.skip(reason)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("# The system in containers\n\n", encoding="utf-8")
    ports = neighbours(4)
    project = Project(f"mien-test-{os.getpid()}", ports[:2], ports[2:])
    hand_in(os.environ.get("MIEN_DETECTOR_MODEL_DIR", str(YUNET_DIR)))
    begin = time.monotonic()
    project.compose("build", timeout=BUILD_SECONDS)
    built = time.monotonic()
    try:
        project.compose("up", "--detach", "--no-build")
        seconds = until_first_answer(project, photo) - built
        rows = [("what", "seconds"), ("build (unchanged layers are kept)", f"{built - begin:.0f}")]
        note("Times", [*rows, ("`up` to the first answer", f"{seconds:.1f}")])
        yield project
    finally:
        project.compose("down", "--volumes", "--remove-orphans")
        assert project.left() == []


def until_first_answer(project: Project, photo: bytes) -> float:
    """When the first picture was analysed."""
    end = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < end:
        try:
            (gateway,) = project.containers("gateway")
            answer = httpx.post(f"{project.address(gateway)}/v1/analyze", content=photo, timeout=5)
        except (httpx.HTTPError, KeyError, ValueError):
            time.sleep(0.1)
        else:
            if answer.is_success:
                return time.monotonic()
    message = "no answer"
    raise TimeoutError(message)


def neighbours(count: int) -> list[int]:
    """Free ports in a row, which a range of published ports needs."""
    for first in range(_LOWEST_PORT, 32000, count):
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return list(range(first, first + count))
    message = "no free ports in a row"
    raise OSError(message)
