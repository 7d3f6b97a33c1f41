"""Clients of the running system."""

from collections.abc import Iterator

import httpx
import pytest

from tests.running_system import System


@pytest.fixture
def client(system: System) -> Iterator[httpx.Client]:
    """A REST client of the gateway."""
    with httpx.Client(base_url=system.settings.rest_url, timeout=30) as client:
        yield client
