"""The training loop: epochs with a moving average, a checkpoint each, and the best kept."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import keras
import numpy as np

from mien_training.architectures import build
from mien_training.averaging import MovingAverage
from mien_training.batches import EpochBatches
from mien_training.checkpoints import load_checkpoint, save_checkpoint
from mien_training.data import LABELS, Faces
from mien_training.errors import CheckpointError
from mien_training.graphs import logits_model, voted_model
from mien_training.recipe import Recipe
from mien_training.weights import network_arrays, save_weights

LAST = "last.npz"
BEST = "best.safetensors"
HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Run:
    """A run's folder, its data, and the graphs that share one set of weights."""

    folder: Path
    recipe: Recipe
    training: Faces
    public: Faces
    network: keras.Model
    trained: keras.Model
    scored: keras.Model
    average: MovingAverage


def prepare(folder: Path, recipe: Recipe, training: Faces, public: Faces) -> Run:
    """Build and compile the graphs of a run."""
    keras.utils.set_random_seed(recipe.seed)
    policy = "mixed_bfloat16" if recipe.bfloat16 else "float32"
    keras.mixed_precision.set_global_policy(policy)
    network = build(recipe.architecture, recipe.input_shape, len(LABELS))
    scored = logits_model(network)
    trained = voted_model(network, training.votes.shape[1]) if recipe.votes_weight else scored
    steps = len(training) // recipe.batch_size
    trained.compile(_optimizer(recipe, steps), *_losses(recipe), jit_compile=False)
    trained.optimizer.build(trained.trainable_variables)
    folder.mkdir(parents=True, exist_ok=True)
    average = MovingAverage(network, recipe.ema)
    return Run(folder, recipe, training, public, network, trained, scored, average)


def train(run: Run, report: Callable[[dict[str, Any]], None]) -> float:
    """Train to the last epoch, going on from the folder's checkpoint, and return the best.

    ``report`` gets the figures of each epoch; the best is an accuracy on PublicTest.
    """
    done, best = _resume(run)
    verbose = 1 if sys.stdout.isatty() else 2  # a bar for people, a line an epoch for logs
    for epoch in range(done, run.recipe.epochs):
        started = monotonic()
        batches = EpochBatches(run.training, run.recipe, epoch)
        history = run.trained.fit(
            batches,
            epochs=epoch + 1,
            initial_epoch=epoch,
            callbacks=[run.average],
            shuffle=False,  # the batches are shuffled already, repeatably
            verbose=verbose,
        )
        accuracy = _score_average(run, best)
        best = max(best, accuracy)
        meta = {
            "epoch": epoch + 1,
            "loss": round(history.history["loss"][-1], 4),
            "accuracy": round(accuracy, 4),
            "best": round(best, 4),
            "seconds": round(monotonic() - started, 1),
        }
        _keep(run, meta)
        report(meta)
    return best


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    warmup = round(recipe.warmup_epochs * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 100,
        decay_steps=max(1, recipe.epochs * steps - warmup),
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _losses(recipe: Recipe) -> tuple[Any, Any]:
    """Return the losses and their weights, one for each head."""
    label = keras.losses.CategoricalCrossentropy(from_logits=True)
    if not recipe.votes_weight:
        return label, None
    votes = keras.losses.CategoricalCrossentropy(from_logits=True)
    return [label, votes], [1.0, recipe.votes_weight]


def _keep(run: Run, meta: dict[str, Any]) -> None:
    # The history first: after a crash between the two an epoch stands there twice, not never.
    with (run.folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(meta) + "\n")
    whole = {**meta, "recipe": _fingerprint(run.recipe)}
    save_checkpoint(run.folder / LAST, run.trained, run.average, whole)


def _fingerprint(recipe: Recipe) -> dict[str, Any]:
    return recipe.model_dump(mode="json", exclude={"expected"})


def _resume(run: Run) -> tuple[int, float]:
    """Load the folder's checkpoint, if any, and return epochs done and the best accuracy."""
    path = run.folder / LAST
    if not path.exists():
        return 0, 0.0
    meta = load_checkpoint(path, run.trained, run.average)
    if meta["recipe"] != _fingerprint(run.recipe):
        message = f"{path} was made by another recipe; choose another --run folder"
        raise CheckpointError(message)
    return meta["epoch"], meta["best"]


def _score_average(run: Run, best: float) -> float:
    """Return the accuracy of the averaged weights, and keep them if they beat ``best``."""
    run.average.swap()
    logits = run.scored.predict(run.public.images, batch_size=256, verbose=0)
    accuracy = float(np.mean(logits.argmax(axis=1) == run.public.labels))
    if accuracy > best:
        save_weights(run.folder / BEST, network_arrays(run.network))
    run.average.swap()
    return accuracy
