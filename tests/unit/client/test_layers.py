"""Who may import what: each transport's libraries stay with it, and nothing goes in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import mien_client

PACKAGE = Path(mien_client.__file__).parent
# The command reads the environment and knows the library, never the other way round.
COMMAND = "mien_client.command"


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name != "mien_client" and not name.startswith(COMMAND):
            found[name] = path
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


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
        if libraries & {name.split(".")[0] for name in imports(path)}
    }
    assert users
    assert all(user.startswith(home) for user in users)


def test_the_library_reads_no_environment_and_knows_no_command() -> None:
    """Both are for whoever starts a program."""
    for module, path in modules().items():
        assert "environ" not in path.read_text(encoding="utf-8"), module
        names = {name.split(".")[0] for name in imports(path)}
        assert not names & {"typer", "rich"}, module
        assert not any(name.startswith(COMMAND) for name in imports(path)), module


def test_no_imports_go_in_a_circle() -> None:
    """What is in a circle has no inside and no outside."""
    known = modules()
    graph = {
        module: {name for name in imports(path) if name in known and name != module}
        for module, path in known.items()
    }
    TopologicalSorter(graph).prepare()
