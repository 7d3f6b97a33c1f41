"""From drawn faces to served models by one command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mien_stack.demo import FOLDER
from tests.running_system import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_the_demonstration_serves_what_it_trained() -> None:
    """Two epochs in each framework, both twins measured alike and served; nothing stays."""
    done = subprocess.run(
        [sys.executable, "-m", "mien_stack", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for model, framework in (("drawn-cnn3", "tensorflow"), ("drawn-cnn4", "pytorch")):
        assert f"{model}: {framework} on" in done.stdout
        assert done.stdout.count(f"{model}-pytorch") > 1
        assert done.stdout.count(f"{model}-tensorflow") > 1
        assert accuracy(model, "pytorch") == accuracy(model, "tensorflow") > 1 / 7
    assert "Stopped." in done.stdout
    assert "exported and served in" in done.stdout


def accuracy(model: str, framework: str) -> float:
    report = FOLDER / "runs" / model / f"report-{framework}" / "report.json"
    value: float = json.loads(Path(report).read_text())["accuracy"]
    return value
