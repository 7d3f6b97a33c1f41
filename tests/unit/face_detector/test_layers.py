"""Dependencies point inward."""

from pathlib import Path

import pytest

import mien_detector
from tests.imports import imports_of

SOURCE = Path(mien_detector.__file__).parent
TRANSPORT = {"grpc", "grpc_health", "grpc_reflection", "grpc_status", "google", "mien"}
SHELLS = {"transport", "health", "app.py", "__main__.py"}


CORE = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in SHELLS]


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_core_knows_no_transport(path: Path) -> None:
    """Finding faces works without gRPC."""
    names = set(imports_of(path))
    assert not {name.split(".")[0] for name in names} & TRANSPORT
    assert not {
        name for name in names if name.startswith(("mien_detector.transport", "mien_detector.app"))
    }


def test_only_programs_read_the_environment() -> None:
    """Everything else gets its settings handed in."""
    readers = {
        path.name
        for path in SOURCE.rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8")
    }
    assert readers == {"__main__.py"}
