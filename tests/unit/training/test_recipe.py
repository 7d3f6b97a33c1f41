"""Recipes of training runs."""

from pathlib import Path

import pytest

from mien_training.architectures import ARCHITECTURES
from mien_training.errors import ConfigError
from mien_training.paths import REPOSITORY
from mien_training.recipe import load_recipe

CONFIGS = sorted((REPOSITORY / "training" / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_recipe_can_be_run(path: Path) -> None:
    """A recipe is valid, is named like its file and asks for an architecture that exists."""
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert recipe.architecture in ARCHITECTURES


def test_there_are_recipes() -> None:
    """The check above has something to check."""
    assert CONFIGS


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("epoch: 3", "epoch"),
        ("epochs: 0", "epochs"),
        ("batch_size: many", "batch_size"),
        ("augmentation: {spin: 3}", "spin"),
        ("a: b: c", "recipe.yaml"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, line: str, named: str) -> None:
    """A misspelt or impossible setting is an error about it, not a silent default."""
    good = "name: a\nexpected: b\narchitecture: squeezenet\nlearning_rate: 0.1\n"
    path = tmp_path / "recipe.yaml"
    path.write_text(good + line)
    with pytest.raises(ConfigError, match=named):
        load_recipe(path)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    """The error names the file that is not there."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_recipe(tmp_path / "nowhere.yaml")
