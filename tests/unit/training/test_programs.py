"""The programs, as a user starts them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mien_training.datasets.faces import Faces
from mien_training.runs.recipe import Phase, Recipe
from mien_training.train import main

TRAIN = [sys.executable, "-m", "mien_training.train"]
Sheets = Callable[[Faces, Faces], Path]


def write(recipe: Recipe, folder: Path) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    return path


def small(recipe: Recipe, epochs: int) -> Recipe:
    """A recipe for a process of its own, which does not know the drawn architecture."""
    changes = {"architecture": "squeezenet", "batch_size": 10}
    phases = (Phase(epochs=epochs, learning_rate=0.001),)
    return recipe.model_copy(update={**changes, "phases": phases})


def test_training_runs_on_pytorch_too(
    sheets: Sheets, faces: Faces, recipe: Recipe, tmp_path: Path
) -> None:
    """The same line with the other framework trains, in bfloat16 as well, and says what it got."""
    config = write(small(recipe, epochs=1), tmp_path)
    options = ["--framework", "pytorch", "--config", config, "--data", sheets(faces, faces)]
    options += ["--run", tmp_path / "run", "--set", "precision=bfloat16", "--seed", "4"]
    done = subprocess.run(
        [*TRAIN, *map(str, options)], check=True, capture_output=True, text=True, timeout=110
    )
    assert "pytorch on" in done.stdout
    assert "epoch 1/1" in done.stdout
    assert "best validation accuracy" in done.stdout
    (line,) = (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    assert json.loads(line)["epoch"] == 1
    assert list((tmp_path / "run" / "tensorboard").iterdir())


def test_a_stopped_run_says_how_to_go_on(
    sheets: Sheets, faces: Faces, recipe: Recipe, tmp_path: Path
) -> None:
    """SIGTERM ends it with a sentence, the last checkpoint and nothing half-written."""
    config = write(small(recipe, epochs=500), tmp_path)
    options = ["--config", config, "--data", sheets(faces, faces), "--run", tmp_path / "run"]
    checkpoint = tmp_path / "run" / "last.npz"
    with subprocess.Popen(
        [*TRAIN, *map(str, options)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 90
        while not checkpoint.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same line goes on" in said
    assert "Traceback" not in said
    assert not list((tmp_path / "run").glob("*.tmp"))


def test_without_data_the_program_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user who has no data gets a sentence and exit status 1."""
    config = Path(__file__).parents[3] / "training" / "configs" / "fer2013-squeezenet.yaml"
    options = ["--config", str(config), "--data", str(tmp_path), "--run", str(tmp_path / "run")]
    assert main(options) == 1
    assert "fer2013-labels.npz" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_teacher_that_was_not_released_is_named(
    tmp_path: Path, sheets: Sheets, faces: Faces, recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    """Distillation begins with models that exist."""
    config = write(recipe, tmp_path)
    options = ["--config", config, "--data", sheets(faces, faces), "--models", tmp_path]
    assert main([*map(str, options), "--set", "distillation={teachers: [wise-owl]}"]) == 1
    assert "no model 'wise-owl'" in capsys.readouterr().err
