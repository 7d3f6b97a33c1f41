"""Recipes of training runs."""

from pathlib import Path

import pytest

from mien_training.architectures import ARCHITECTURES
from mien_training.datasets import DATASETS
from mien_training.errors import ConfigError
from mien_training.paths import REPOSITORY
from mien_training.runs.recipe import load_recipe

CONFIGS = sorted((REPOSITORY / "training" / "configs").glob("*.yaml"))
GOOD = """
name: a
expected: b
dataset: fer2013
architecture: squeezenet
phases: [{epochs: 2, learning_rate: 0.1}, {epochs: 3, learning_rate: 0.01}]
"""


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_recipe_can_be_run(path: Path) -> None:
    """A recipe is valid, named like its file, and asks for what exists."""
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert recipe.architecture in ARCHITECTURES
    assert recipe.dataset in DATASETS
    if recipe.weights not in {"none", "imagenet"}:
        assert (REPOSITORY / recipe.weights).is_file()


def test_there_are_recipes() -> None:
    """The check above has something to check."""
    assert CONFIGS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good recipe."""
    path = tmp_path / "recipe.yaml"
    path.write_text(GOOD)
    return path


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("epoch: 3", "epoch"),
        ("phases: []", "phases"),
        ("phases: [{epochs: 0, learning_rate: 1}]", "epochs"),
        ("phases: [{epochs: 1, learning_rate: 1, schedule: plateau, warmup_epochs: 1}]", "warmup"),
        ("batch_size: many", "batch_size"),
        ("augmentation: {spin: 3}", "spin"),
        ("a: b: c", "recipe.yaml"),
    ],
)
def test_a_wrong_field_is_named(path: Path, line: str, named: str) -> None:
    """A misspelt or impossible setting is an error about it, not a silent default."""
    path.write_text(GOOD + line)
    with pytest.raises(ConfigError, match=named):
        load_recipe(path)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    """The error names the file that is not there."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_recipe(tmp_path / "nowhere.yaml")


def test_fields_can_be_changed_by_name(path: Path) -> None:
    """What the command line sets wins over the file, whatever its type."""
    changes = ["seed=7", "weights=imagenet", "input_shape=[96, 96, 3]", "ema=0.5"]
    recipe = load_recipe(path, changes)
    assert (recipe.seed, recipe.weights, recipe.ema) == (7, "imagenet", 0.5)
    assert recipe.input_shape == (96, 96, 3)
    assert recipe.epochs == 5


@pytest.mark.parametrize("change", ["seed=x", "nothing=1", "seed", "phases={a: b"])
def test_a_change_that_makes_no_sense_is_refused(path: Path, change: str) -> None:
    """The command line is checked like the file."""
    with pytest.raises(ConfigError, match=r"recipe\.yaml"):
        load_recipe(path, [change])
