"""The training loop and its checkpoints, on drawn data."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from mien_training.datasets.faces import Faces, Parts
from mien_training.errors import CheckpointError, RunError
from mien_training.runs.loop import BEST, HISTORY, LAST, Run, build_network, prepare, train
from mien_training.runs.recipe import Phase, Recipe

pytestmark = pytest.mark.timeout(120)


def ignore(_: dict[str, Any]) -> None:
    """The report of an epoch that nobody reads."""


def begin(folder: Path, recipe: Recipe, parts: Parts) -> Run:
    return prepare(folder, recipe, parts, build_network(recipe, len(parts.labels)))


def with_phases(recipe: Recipe, *phases: Phase, **changes: Any) -> Recipe:
    return recipe.model_copy(update={"phases": phases, **changes})


def state(run: Run) -> list[np.ndarray]:
    variables = [*run.trained.variables, *run.trained.optimizer.variables]
    return [np.asarray(variable) for variable in variables] + run.average.values


def history(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]


def cut_after(epoch: int) -> Any:
    """A report that stops the run like Ctrl-C does once ``epoch`` is kept."""

    def interrupt(meta: dict[str, Any]) -> None:
        if meta["epoch"] == epoch:
            raise KeyboardInterrupt

    return interrupt


HEAD_THEN_ALL = (
    Phase(epochs=1, learning_rate=0.01, schedule="constant", train="head"),
    Phase(epochs=2, learning_rate=0.001),
)
PLATEAU = (Phase(epochs=3, learning_rate=0.01, schedule="plateau"),)


@pytest.mark.parametrize(
    ("phases", "optimizer", "cut"),
    [
        pytest.param((Phase(epochs=2, learning_rate=0.001, warmup_epochs=0.5),), "adamw", 1),
        pytest.param(HEAD_THEN_ALL, "sgd", 1, id="at the end of a phase"),
        pytest.param(HEAD_THEN_ALL, "sgd", 2, id="within a second phase"),
        pytest.param(PLATEAU, "sgd", 2, id="plateau"),
    ],
)
def test_a_resumed_run_ends_like_an_uninterrupted_one(
    tmp_path: Path,
    recipe: Recipe,
    parts: Parts,
    phases: tuple[Phase, ...],
    optimizer: str,
    cut: int,
) -> None:
    """Weights, optimiser and average are those of a run that was never stopped, bit for bit."""
    recipe = with_phases(recipe, *phases, optimizer=optimizer)
    whole = begin(tmp_path / "whole", recipe, parts)
    train(whole, ignore)
    with pytest.raises(KeyboardInterrupt):
        train(begin(tmp_path / "cut", recipe, parts), cut_after(cut))
    resumed = begin(tmp_path / "cut", recipe, parts)
    train(resumed, ignore)
    for mine, theirs in zip(state(whole), state(resumed), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for line, other in zip(history(tmp_path / "whole"), history(tmp_path / "cut"), strict=True):
        assert {**line, "seconds": 0} == {**other, "seconds": 0}


def test_a_resumed_run_on_pytorch_ends_like_an_uninterrupted_one(tmp_path: Path) -> None:
    """Dropout, too, draws there what it would have drawn."""
    program = Path(__file__).with_name("resuming.py")
    done = subprocess.run([sys.executable, program, tmp_path], check=False, timeout=110)
    assert done.returncode == 0


def test_training_learns_what_can_be_learned(tmp_path: Path, recipe: Recipe, faces: Faces) -> None:
    """The loss on faces as bright as their label falls within a few epochs."""
    many = faces.take(np.tile(np.arange(len(faces)), 4))
    losses: list[float] = []
    longer = with_phases(recipe, Phase(epochs=3, learning_rate=0.003))
    run = begin(tmp_path, longer, Parts(("a",) * 7, many, faces))
    train(run, lambda meta: losses.append(meta["loss"]))
    assert losses[-1] < losses[0] * 0.9


def test_the_first_phase_of_a_transfer_trains_the_head_alone(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """What is not the head stays as it was."""
    one = with_phases(recipe, HEAD_THEN_ALL[0], ema=0.0)
    run = begin(tmp_path, one, parts)
    stem, head = (run.network.get_layer(name) for name in ("stem", "classifier"))
    before = [np.array(layer.kernel) for layer in (stem, head)]
    train(run, ignore)
    assert np.array_equal(before[0], np.asarray(stem.kernel))
    assert not np.array_equal(before[1], np.asarray(head.kernel))


def test_early_stopping_ends_a_phase_without_progress(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """A rate of almost nothing never gets better than its first epoch."""
    still = Phase(epochs=9, learning_rate=1e-12, schedule="constant")
    train(begin(tmp_path, with_phases(recipe, still, early_stopping=2, ema=0.0), parts), ignore)
    assert [line["epoch"] for line in history(tmp_path)] == [1, 2, 3]


def test_a_plateau_lowers_the_rate(tmp_path: Path, recipe: Recipe, parts: Parts) -> None:
    """After five epochs without a better validation the rate is three quarters."""
    still = Phase(epochs=7, learning_rate=1e-12, schedule="plateau")
    train(begin(tmp_path, with_phases(recipe, still, ema=0.0), parts), ignore)
    rates = [line["learning_rate"] for line in history(tmp_path)]
    assert rates == pytest.approx([1e-12] * 5 + [0.75e-12] * 2, rel=1e-4)


def test_a_checkpoint_of_another_recipe_is_refused(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """Going on with changed settings would mix two runs."""
    short = with_phases(recipe, Phase(epochs=1, learning_rate=0.001))
    train(begin(tmp_path, short, parts), ignore)
    with pytest.raises(CheckpointError, match="another recipe"):
        train(begin(tmp_path, recipe, parts), ignore)


def test_a_damaged_checkpoint_is_named(tmp_path: Path, recipe: Recipe, parts: Parts) -> None:
    """A cut-off checkpoint is an error with the remedy."""
    (tmp_path / LAST).write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CheckpointError, match=rf"{LAST}.*delete it"):
        train(begin(tmp_path, recipe, parts), ignore)


def test_a_full_disk_leaves_the_last_checkpoint(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """What cannot be written is an error; the checkpoint before it stays whole."""
    run = begin(tmp_path, with_phases(recipe, *PLATEAU), parts)
    with pytest.raises(KeyboardInterrupt):
        train(run, cut_after(1))
    kept = (tmp_path / LAST).read_bytes()
    (tmp_path / "last.tmp").mkdir()  # a folder in the way fails like a full disk does
    with pytest.raises(CheckpointError, match="the last one is untouched"):
        train(run, ignore)
    assert (tmp_path / LAST).read_bytes() == kept


def test_a_run_that_diverges_says_so(tmp_path: Path, recipe: Recipe, parts: Parts) -> None:
    """A loss that is no number ends the run with the remedy, and keeps nothing of it."""
    wild = with_phases(recipe, Phase(epochs=2, learning_rate=1e38, schedule="constant"))
    run = begin(tmp_path, wild.model_copy(update={"optimizer": "sgd"}), parts)
    with pytest.raises(RunError, match="lower the learning rate"):
        train(run, ignore)
    assert not (tmp_path / LAST).exists()


def test_too_few_faces_for_a_batch_are_an_error(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """Nothing could be learned from no batch at all."""
    with pytest.raises(RunError, match="lower batch_size"):
        train(begin(tmp_path, recipe.model_copy(update={"batch_size": 64}), parts), ignore)


def test_without_averaging_the_weights_themselves_are_kept(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """Momentum 0 scores and keeps what was trained."""
    run = begin(tmp_path, recipe.model_copy(update={"ema": 0.0}), parts)
    train(run, ignore)
    for value, weight in zip(run.average.values, run.network.weights, strict=True):
        np.testing.assert_array_equal(value, np.asarray(weight))
    assert (tmp_path / BEST).exists()


def test_faces_are_resized_to_the_recipe(tmp_path: Path, recipe: Recipe, parts: Parts) -> None:
    """A recipe of another size and colour trains on the same data."""
    smaller = recipe.model_copy(update={"input_shape": (24, 24, 3)})
    run = begin(tmp_path, with_phases(smaller, Phase(epochs=1, learning_rate=0.001)), parts)
    train(run, ignore)
    assert run.validation.images.shape == (20, 24, 24, 3)


def test_float16_trains_too(tmp_path: Path, recipe: Recipe, parts: Parts) -> None:
    """The loss is scaled, so that small gradients do not vanish; the weights stay float32."""
    half = with_phases(recipe, Phase(epochs=1, learning_rate=0.001), precision="float16")
    try:
        run = begin(tmp_path, half, parts)
        train(run, ignore)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert isinstance(run.trained.optimizer, keras.optimizers.LossScaleOptimizer)
    assert {str(weight.dtype) for weight in run.network.weights} == {"float32"}


def test_memory_that_does_not_suffice_names_the_batch(
    tmp_path: Path, recipe: Recipe, parts: Parts
) -> None:
    """A batch that no machine can hold is an error about batch_size."""
    run = begin(tmp_path, recipe, parts)

    class Hungry(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            del batch, logs
            np.zeros((1 << 50,), np.uint8)

    run = replace(run, average=Hungry())
    with pytest.raises(RunError, match="8 faces a step; lower batch_size"):
        train(run, ignore)
