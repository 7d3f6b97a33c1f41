"""The training loop, its checkpoints and what follows them, on drawn data."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from mien_models import load_registry
from mien_training.batches import EpochBatches
from mien_training.data import Faces
from mien_training.errors import CheckpointError
from mien_training.loop import BEST, HISTORY, LAST, Run, prepare, train
from mien_training.recipe import Recipe
from mien_training.registering import REGISTRY, register
from mien_training.releasing import release
from mien_training.sidecar import read_sidecar

pytestmark = pytest.mark.timeout(120)


def ignore(_: dict[str, Any]) -> None:
    """The report of an epoch that nobody reads."""


def state(run: Run) -> list[np.ndarray]:
    variables = [*run.trained.variables, *run.trained.optimizer.variables]
    return [np.asarray(variable) for variable in variables] + run.average.values


def test_a_resumed_run_ends_like_an_uninterrupted_one(
    tmp_path: Path, recipe: Recipe, faces: Faces
) -> None:
    """Weights, optimizer and average after one epoch and one resumed are those after two."""
    whole = prepare(tmp_path / "whole", recipe, faces, faces)
    train(whole, ignore)

    def interrupt(meta: dict[str, Any]) -> None:
        raise KeyboardInterrupt(str(meta["epoch"]))

    with pytest.raises(KeyboardInterrupt, match="1"):
        train(prepare(tmp_path / "cut", recipe, faces, faces), interrupt)
    resumed = prepare(tmp_path / "cut", recipe, faces, faces)
    train(resumed, ignore)
    for mine, theirs in zip(state(whole), state(resumed), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    epochs = [
        [json.loads(line)["epoch"] for line in (folder / HISTORY).read_text().splitlines()]
        for folder in (tmp_path / "whole", tmp_path / "cut")
    ]
    assert epochs == [[1, 2], [1, 2]]


def test_training_learns_what_can_be_learned(tmp_path: Path, recipe: Recipe, faces: Faces) -> None:
    """The loss on faces as bright as their label falls within a few epochs."""
    many = Faces(
        *(np.repeat(part, 4, axis=0) for part in (faces.images, faces.labels, faces.votes))
    )
    longer = recipe.model_copy(update={"epochs": 3})
    losses: list[float] = []
    train(prepare(tmp_path, longer, many, faces), lambda meta: losses.append(meta["loss"]))
    assert losses[-1] < losses[0] * 0.9


def test_a_checkpoint_of_another_recipe_is_refused(
    tmp_path: Path, recipe: Recipe, faces: Faces
) -> None:
    """Going on with changed settings would mix two runs."""
    short = recipe.model_copy(update={"epochs": 1})
    train(prepare(tmp_path, short, faces, faces), ignore)
    with pytest.raises(CheckpointError, match="another recipe"):
        train(prepare(tmp_path, recipe, faces, faces), ignore)


def test_a_damaged_checkpoint_is_named(tmp_path: Path, recipe: Recipe, faces: Faces) -> None:
    """A cut-off checkpoint is an error with the remedy."""
    (tmp_path / LAST).write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CheckpointError, match=rf"{LAST}.*delete it"):
        train(prepare(tmp_path, recipe, faces, faces), ignore)


def test_batches_depend_on_seed_and_epoch_only(recipe: Recipe, faces: Faces) -> None:
    """The same epoch gives the same batches, the next one others; none is smaller."""
    first, again, later = (EpochBatches(faces, recipe, epoch) for epoch in (0, 0, 1))
    assert len(first) == 2
    assert np.array_equal(first[1][0], again[1][0])
    assert not np.array_equal(first[1][0], later[1][0])
    assert first[1][0].shape == (8, 48, 48, 1)


def test_a_run_becomes_a_registered_model(tmp_path: Path, recipe: Recipe, faces: Faces) -> None:
    """The best weights, their facts and their hash reach the list of models that services read."""
    short = recipe.model_copy(update={"epochs": 1})
    run, models = tmp_path / "run", tmp_path / "models"
    train(prepare(run, short, faces, faces), ignore)
    keras.mixed_precision.set_global_policy("float32")
    folder = release(run, models, faces, "0" * 64)
    register(models, folder)
    assert (run / BEST).exists()
    sidecar = read_sidecar(folder)
    assert (sidecar.name, sidecar.best_epoch, sidecar.seed) == ("drawn-tiny", 1, recipe.seed)
    model = load_registry(models / REGISTRY).models[0]
    model.verify_weights()
    assert model.directory == folder
    assert [served.name for served in model.served()] == [
        "drawn-tiny-pytorch",
        "drawn-tiny-tensorflow",
    ]
