"""Who may import what: each transport's libraries stay with it, and nothing goes in a circle."""

from pathlib import Path

import pytest

import mien_client
from tests.imports import circle_in, imports_of, modules_of

PACKAGE = Path(mien_client.__file__).parent
# The command reads the environment and knows the library, never the other way round.
COMMAND = "mien_client.command"


def modules() -> dict[str, Path]:
    """Those of the library, without the door that imports all."""
    return {
        name: path
        for name, path in modules_of(PACKAGE).items()
        if name != "mien_client" and not name.startswith(COMMAND)
    }


@pytest.mark.parametrize(
    ("home", "libraries"),
    [
        ("mien_client.grpc", {"grpc", "grpc_health", "grpc_status", "google", "mien"}),
        ("mien_client.rest", {"httpx", "websockets"}),
    ],
)
def test_a_transports_libraries_stay_with_it(home: str, libraries: set[str]) -> None:
    """And are used there."""
    users = {
        module
        for module, path in modules().items()
        if libraries & {name.split(".")[0] for name in imports_of(path)}
    }
    assert users
    assert all(user.startswith(home) for user in users)


def test_the_library_reads_no_environment_and_knows_no_command() -> None:
    """Both are for whoever starts a program."""
    for module, path in modules().items():
        assert "environ" not in path.read_text(encoding="utf-8"), module
        names = {name.split(".")[0] for name in imports_of(path)}
        assert not names & {"typer", "rich"}, module
        assert not any(name.startswith(COMMAND) for name in imports_of(path)), module


def test_no_imports_go_in_a_circle() -> None:
    """What is in a circle has no inside and no outside."""
    assert circle_in(modules()) == []
