"""The programs, as a user starts them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mien_training.data import Faces
from mien_training.recipe import Recipe
from mien_training.train import main


def test_training_runs_on_pytorch_too(
    sheets: Callable[[Faces, Faces], Path], faces: Faces, recipe: Recipe, tmp_path: Path
) -> None:
    """The same line with the other framework trains, in bfloat16 as well, and says what it got."""
    short = recipe.model_copy(
        update={"architecture": "squeezenet", "epochs": 1, "batch_size": 10, "bfloat16": True}
    )
    config = tmp_path / "recipe.yaml"
    config.write_text(yaml.safe_dump(short.model_dump(mode="json")))
    command = [sys.executable, "-m", "mien_training.train", "--framework", "pytorch"]
    options = ["--config", config, "--data", sheets(faces, faces), "--run", tmp_path / "run"]
    done = subprocess.run(
        [*command, *map(str, options)], check=True, capture_output=True, text=True, timeout=110
    )
    assert "best PublicTest accuracy" in done.stdout
    (line,) = (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    assert json.loads(line)["epoch"] == 1


def test_without_data_the_program_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user who has no data gets a sentence and exit status 1."""
    config = Path(__file__).parents[3] / "training" / "configs" / "fer2013-squeezenet.yaml"
    options = ["--config", str(config), "--data", str(tmp_path), "--run", str(tmp_path / "run")]
    assert main(options) == 1
    assert "fer2013-labels.npz is missing" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
