"""The export against a network written by hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mien_training.benchmark import LIMIT, compare, ratios
from mien_training.errors import ConfigError
from mien_training.export.handwritten import SqueezeNet
from mien_training.paths import MODELS
from mien_training.releases.sidecar import WEIGHTS, newest_version, read_sidecar
from mien_training.releases.weights import read_arrays
from tests.unit.training.export.test_export import drawn, expected

pytestmark = pytest.mark.timeout(200)

FOLDER = newest_version(MODELS, "fer2013-squeezenet")


def test_the_hand_written_network_is_the_same_network() -> None:
    """Otherwise its time would say nothing about the export's."""
    written = SqueezeNet(read_arrays(FOLDER / WEIGHTS), read_sidecar(FOLDER).temperature).eval()
    with torch.inference_mode():
        found = written(torch.from_numpy(drawn(5))).numpy()
    np.testing.assert_allclose(found, expected(FOLDER, drawn(5)), atol=1e-4)


def test_the_export_is_as_fast_as_a_network_written_by_hand() -> None:
    """Within 1.1 times at batch 1 and 8; the best of three tries, as the machine may be busy."""
    tries = (max(ratios(compare(FOLDER, rounds=60))) for _ in range(3))
    assert any(ratio <= LIMIT for ratio in tries)


def test_the_program_writes_what_it_measured(tmp_path: Path) -> None:
    """Medians of both for each batch size, for reports."""
    out = tmp_path / "times.json"
    command = [sys.executable, "-m", "mien_training.benchmark", "--rounds", "3", "--json", str(out)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)
    assert "times as long as the hand-written network" in done.stdout + done.stderr
    written = json.loads(out.read_text())
    assert set(written) == {"batch 1", "batch 8"}
    assert all(ms > 0 for times in written.values() for ms in times.values())


def test_an_architecture_without_a_hand_written_twin_is_named(model_dir: Path) -> None:
    """The error says which one can be timed."""
    with pytest.raises(ConfigError, match=r"no hand-written tiny .*use squeezenet"):
        compare(model_dir, rounds=1)
