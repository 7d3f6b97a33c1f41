"""Making a model folder from the best weights of a run."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import keras

from mien_training.architectures import build
from mien_training.augmentation.batches import resize_faces
from mien_training.datasets import find_dataset
from mien_training.datasets.faces import Parts
from mien_training.evaluation.calibration import fit_temperature
from mien_training.graphs import logits_model
from mien_training.paths import REPOSITORY
from mien_training.releases.card import CARD, new_card
from mien_training.releases.sidecar import WEIGHTS, Sidecar, write_sidecar
from mien_training.releases.weights import load_weights
from mien_training.runs.checkpoints import read_meta
from mien_training.runs.loop import BEST, HISTORY, LAST


def release(run: Path, models: Path, parts: Parts, data_sha256: str) -> Path:
    """Write ``models/<name>/<version>`` from a run's folder and return that folder.

    A model without a card gets one; a card that is there stays.

    Raises:
        CheckpointError: the run has no finished epoch.
        WeightsError: its best weights do not fit its recipe.
    """
    recipe = run_recipe(run)
    shape = tuple(recipe["input_shape"])
    network = build(recipe["architecture"], shape, len(parts.labels))
    load_weights(run / BEST, network)
    folder: Path = models / recipe["name"] / str(recipe["version"])
    folder.mkdir(parents=True, exist_ok=True)
    sidecar = Sidecar(
        name=recipe["name"],
        version=recipe["version"],
        dataset=recipe["dataset"],
        labels=parts.labels,
        input_shape=shape,
        architecture=recipe["architecture"],
        temperature=_temperature(network, parts),
        seed=recipe["seed"],
        recipe=recipe,
        data_sha256=data_sha256,
        git_revision=_revision(),
        best_epoch=_best_epoch(run / HISTORY),
    )
    temporary = (folder / WEIGHTS).with_suffix(".tmp")
    shutil.copyfile(run / BEST, temporary)
    temporary.replace(folder / WEIGHTS)
    write_sidecar(folder, sidecar)
    card = folder.parent / CARD
    if not card.exists():
        card.write_text(new_card(sidecar, find_dataset(sidecar.dataset)), encoding="utf-8")
    return folder


def run_recipe(run: Path) -> dict[str, Any]:
    """Return the recipe that the run in the folder ``run`` follows.

    Raises:
        CheckpointError: the run has no finished epoch.
    """
    recipe: dict[str, Any] = read_meta(run / LAST)["recipe"]
    return recipe


def _temperature(network: keras.Model, parts: Parts) -> float:
    images = resize_faces(parts.validation.images, network.input_shape[1:])
    logits = logits_model(network).predict(images, batch_size=256, verbose=0)
    return fit_temperature(logits, parts.validation.labels)


def _best_epoch(history: Path) -> int:
    lines = history.read_text(encoding="utf-8").splitlines()
    epochs: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return int(max(epochs, key=lambda epoch: epoch["accuracy"])["epoch"])


def _revision() -> str:
    """Return the git revision of the trainer; a copy without git has none."""
    command = ["git", "-C", str(REPOSITORY), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
