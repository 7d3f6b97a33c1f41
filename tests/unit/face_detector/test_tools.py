"""The measuring commands that the README names do run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.pictures import SAMPLE
from tests.unit.face_detector.conftest import SHARED


def run(module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compare_measures_every_way_at_every_size(yunet_file: Path) -> None:
    """Three sizes, three ways, each with two figures."""
    folder = str(yunet_file.parent)
    printed = run(
        "mien_detector.compare", "--picture", str(SAMPLE), "--model-dir", folder, "--rounds", "1"
    )
    assert len(printed.splitlines()) == 9
    assert printed.count("ONNX Runtime") == 3


def test_calibrate_prints_what_is_measured_beside_what_is_built_in(yunet_file: Path) -> None:
    """One line for each measure."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip(f"{data} is absent: FER2013 cannot be measured")
    folder = str(yunet_file.parent)
    printed = run(
        "mien_detector.calibrate", "--data", str(data), "--model-dir", folder, "--faces", "5"
    )
    assert "left_eye x" in printed
    assert printed.count("built in") == 15
