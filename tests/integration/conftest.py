"""What several processes under test are given."""

from pathlib import Path

import pytest

from tests.fakes.registry import write_registry


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    """The registry that the fakes know."""
    return write_registry(tmp_path / "registry.yaml")
