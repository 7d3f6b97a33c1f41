"""The training loop: phases of epochs, a checkpoint after each epoch, and the best kept."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import keras
import numpy as np

from mien_training.architectures import build, find_architecture
from mien_training.augmentation.batches import EpochBatches, resize_faces
from mien_training.datasets.faces import Faces, Parts
from mien_training.errors import CheckpointError, RunError
from mien_training.evaluation.calibration import cross_entropy
from mien_training.graphs import logits_model, training_model
from mien_training.releases.weights import network_arrays, save_weights
from mien_training.runs.averaging import MovingAverage
from mien_training.runs.checkpoints import load_checkpoint, read_meta, save_checkpoint
from mien_training.runs.memory import says_out_of_memory
from mien_training.runs.optimizing import PLATEAU_FACTOR, make_losses, make_optimizer
from mien_training.runs.peers import Peers
from mien_training.runs.progress import Progress
from mien_training.runs.recipe import Recipe
from mien_training.runs.seeding import EpochSeed
from mien_training.runs.transfer import choose_trainable

LAST = "last.npz"
BEST = "best.safetensors"
HISTORY = "history.jsonl"
ALONE = Peers()

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Run:
    """A run's folder, its data, and the graphs that share one set of weights."""

    folder: Path
    recipe: Recipe
    training: Faces
    validation: Faces
    network: keras.Model
    trained: keras.Model
    scored: keras.Model
    average: MovingAverage
    peers: Peers = ALONE


def build_network(recipe: Recipe, classes: int) -> keras.Model:
    """Return the untrained network of a recipe, with its seed and its precision."""
    keras.utils.set_random_seed(recipe.seed)
    policy = recipe.precision if recipe.precision == "float32" else f"mixed_{recipe.precision}"
    keras.mixed_precision.set_global_policy(policy)
    return build(recipe.architecture, recipe.input_shape, classes)


def prepare(
    folder: Path, recipe: Recipe, parts: Parts, network: keras.Model, peers: Peers = ALONE
) -> Run:
    """Build the graphs of a run around ``network``, which ``peers`` train, too."""
    extra = parts.training.extra.shape[1] if recipe.extra_weight else 0
    folder.mkdir(parents=True, exist_ok=True)
    validation = parts.validation
    images = resize_faces(validation.images, recipe.input_shape)
    return Run(
        folder=folder,
        recipe=recipe,
        training=parts.training,
        validation=replace(validation, images=images),
        network=network,
        trained=training_model(network, recipe.augmentation, extra),
        scored=logits_model(network),
        average=MovingAverage(network, recipe.ema),
        peers=peers,
    )


def train(run: Run, report: Report) -> float:
    """Train to the last epoch, going on from the folder's checkpoint, and return the best.

    ``report`` gets the figures of each epoch; the best is an accuracy on the validation part.

    Raises:
        CheckpointError: the folder's checkpoint is damaged or belongs to another recipe.
        RunError: the loss became not-a-number, or the memory did not suffice.
    """
    progress = _resume(run)
    while True:
        if progress.phase_is_over(run.recipe):
            if progress.phase + 1 == len(run.recipe.phases):
                return progress.best
            progress = progress.next_phase()
            _enter(run, progress.phase)
        progress = _epoch(run, progress, report)


def _resume(run: Run) -> Progress:
    """Begin the first phase, or load the folder's checkpoint and its phase."""
    path = run.folder / LAST
    if not path.exists():
        _enter(run, 0)
        return Progress()
    meta = read_meta(path)
    if meta["recipe"] != _fingerprint(run.recipe):
        message = f"{path} was made by another recipe; choose another --run folder"
        raise CheckpointError(message)
    progress = Progress(**meta["progress"])
    _enter(run, progress.phase)
    load_checkpoint(path, run.trained, run.average)
    return progress


def _enter(run: Run, index: int) -> None:
    """Set what a phase trains, and with which optimiser."""
    recipe, phase = run.recipe, run.recipe.phases[index]
    choose_trainable(run.network, find_architecture(recipe.architecture), phase.train)
    steps = len(EpochBatches(run.training, recipe, 0))
    if not steps:
        message = (
            f"{len(run.training)} training faces are less than a batch of {recipe.batch_size}; "
            "lower batch_size"
        )
        raise RunError(message)
    optimizer = make_optimizer(recipe, phase, steps)
    run.trained.compile(optimizer, *make_losses(recipe), jit_compile=False)
    run.trained.optimizer.build(run.trained.trainable_variables)
    run.peers.join_gradients(run.trained.optimizer)


def _epoch(run: Run, progress: Progress, report: Report) -> Progress:
    started = monotonic()
    loss = run.peers.mean(_fit(run, progress.epoch))
    run.peers.join_state(run.network.non_trainable_weights)
    scores = _score_average(run, progress.best) if run.peers.leads else (0.0, 0.0)
    accuracy, validation_loss = run.peers.agree(scores)
    after = progress.after(accuracy)
    if after.rate_falls and run.recipe.phases[progress.phase].schedule == "plateau":
        rate = run.trained.optimizer.learning_rate
        rate.assign(rate * PLATEAU_FACTOR)
    meta = {
        "epoch": after.epoch,
        "phase": after.phase + 1,
        "loss": round(loss, 4),
        "validation_loss": round(validation_loss, 4),
        "accuracy": round(accuracy, 4),
        "best": round(after.best, 4),
        "learning_rate": float(run.trained.optimizer.learning_rate),
        "seconds": round(monotonic() - started, 1),
    }
    if run.peers.leads:
        _keep(run, meta, after)
        report(meta)
    return after


def _fit(run: Run, epoch: int) -> float:
    """Train one epoch and return its mean loss."""
    recipe, peers = run.recipe, run.peers
    try:
        history = run.trained.fit(
            EpochBatches(run.training, recipe, epoch, peers.stretch(recipe.batch_size)),
            epochs=epoch + 1,
            initial_epoch=epoch,
            callbacks=[
                EpochSeed(recipe.seed, peers.rank),
                run.average,
                keras.callbacks.TerminateOnNaN(),
            ],
            shuffle=False,  # the batches are shuffled already, repeatably
            # A bar for people, silence for logs: the report gives a line an epoch.
            verbose=1 if sys.stdout.isatty() else 0,
        )
    except Exception as exc:
        if not says_out_of_memory(exc):
            raise
        message = f"out of memory with {recipe.batch_size} faces a step; lower batch_size"
        raise RunError(message) from exc
    loss = float(history.history["loss"][-1])
    if not np.isfinite(loss):
        message = (
            f"the loss became {loss} in epoch {epoch + 1}; lower the learning rate "
            f"({LAST} still holds the epoch before)"
        )
        raise RunError(message)
    return loss


def _keep(run: Run, meta: dict[str, Any], progress: Progress) -> None:
    # The history first: after a crash between the two an epoch stands there twice, not never.
    with (run.folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(meta) + "\n")
    whole = {"progress": progress.to_meta(), "recipe": _fingerprint(run.recipe)}
    save_checkpoint(run.folder / LAST, run.trained, run.average, whole)


def _fingerprint(recipe: Recipe) -> dict[str, Any]:
    return recipe.model_dump(mode="json", exclude={"expected"})


def _score_average(run: Run, best: float) -> tuple[float, float]:
    """Return accuracy and loss of the averaged weights, and keep them if they beat ``best``."""
    run.average.swap()
    logits = run.scored.predict(run.validation.images, batch_size=256, verbose=0)
    accuracy = float(np.mean(logits.argmax(axis=1) == run.validation.labels))
    if accuracy > best:
        save_weights(run.folder / BEST, network_arrays(run.network))
    run.average.swap()
    return accuracy, cross_entropy(logits.astype(np.float64), run.validation.labels)
