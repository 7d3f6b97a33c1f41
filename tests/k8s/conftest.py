"""The page that a run over the chart leaves."""

from collections.abc import Iterator

import pytest

from tests.k8s.programs import ROOT
from tests.k8s.report import Report


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """What the tests found, written at the end."""
    found = Report()
    yield found
    if found.counts:
        found.write(ROOT / "build" / "k8s.md")
