"""Load against the running system, and what was seen of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import Observed
from tests.chaos.report import table
from tests.running_system import ROOT

TWINS = ("fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow")


@pytest.fixture(scope="session")
def scale() -> float:
    """How much longer than in `make test-all` everything takes; `make chaos` sets it."""
    return float(os.environ.get("MIEN_TEST_CHAOS_SCALE", "1"))


@pytest.fixture(scope="module")
def observed() -> Iterator[list[Observed]]:
    """What callers saw, written down at the end."""
    seen: list[Observed] = []
    yield seen
    if seen:
        path = Path(ROOT / "build" / "chaos.md")
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(table(seen) + "\n")
