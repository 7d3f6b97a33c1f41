"""`python -m mien_capacity`, as one calls it."""

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)


def test_it_draws_a_scenario(tmp_path: Path) -> None:
    """A PNG, and a line about it."""
    done = run("mien_capacity", "--scenario", "10", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "10 frames a second" in done.stdout
    assert (tmp_path / "10.png").read_bytes().startswith(b"\x89PNG")


def test_a_fault_is_one_sentence(tmp_path: Path) -> None:
    """With what to do about it."""
    done = run("mien_capacity", "--values", str(tmp_path / "absent.yaml"))
    assert done.returncode == 1
    assert done.stderr.startswith("mien: cannot read")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["mien_capacity", "mien_capacity.page", "mien_capacity.measure"])
def test_each_command_explains_itself(module: str) -> None:
    """Before anything is loaded that takes long."""
    done = run(module, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: python -m {module}")
