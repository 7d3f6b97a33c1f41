"""Training on several devices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mien_training.runs.devices import all_devices
from tests.running_system import ROOT


def test_two_devices_learn_what_one_learns(tmp_path: Path) -> None:
    """The batch is split, the gradients are added up, and the losses stay the same."""
    command = [sys.executable, str(Path(__file__).with_name("two_devices.py")), str(tmp_path)]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        timeout=110,
        env=os.environ | {"PYTHONPATH": paths},
    )
    losses = json.loads(done.stdout)
    assert set(losses) == {"the processor", "2 devices"}
    assert losses["2 devices"] == pytest.approx(losses["the processor"], abs=2e-4)
    assert losses["the processor"][1] < losses["the processor"][0]


def test_a_machine_without_cards_says_so() -> None:
    """The phrase stands in the first line of every run."""
    with all_devices("pytorch") as devices:
        assert "processor" in devices or "card" in devices
