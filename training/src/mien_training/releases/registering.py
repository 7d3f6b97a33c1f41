"""Writing a released model into models/registry.yaml."""

from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import yaml

from mien_training.backend import FRAMEWORKS
from mien_training.datasets import find_dataset
from mien_training.errors import GateError
from mien_training.releases.sidecar import WEIGHTS, Sidecar, read_sidecar

REGISTRY = "registry.yaml"
_HEADER = (
    "# The one list of Mien's models. Entries are written by `python -m mien_training.register`.\n"
)
_HEAVIEST = 25_000_000
_FURTHEST = 1e-4
_WIDEST = 0.001


def register(models: Path, folder: Path) -> str:
    """Add the model in ``folder``, a version folder below ``models``, or replace its entry.

    Returns a sentence about it.

    Raises:
        WeightsError: the sidecar is missing or damaged.
        GateError: the model is not measured, its twins disagree, or it is too large.
    """
    sidecar = read_sidecar(folder)
    _pass_gates(sidecar, folder / WEIGHTS)
    path = models / REGISTRY
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    entries: list[dict[str, Any]] = (document or {}).get("models", [])
    new = _entry(sidecar, folder / WEIGHTS, models)
    names = [entry["name"] for entry in entries]
    if new["name"] in names:
        entries[names.index(new["name"])] = new
    else:
        entries.append(new)
    temporary = path.with_suffix(".tmp")
    text = yaml.safe_dump({"models": entries}, sort_keys=False, width=100)
    temporary.write_text(_HEADER + text, encoding="utf-8")
    temporary.replace(path)
    return f"{new['name']} version {new['version']} is in {path}"


def _pass_gates(sidecar: Sidecar, weights: Path) -> None:
    command = f"python -m mien_training.evaluate --model {sidecar.name} --framework"
    missing = [framework for framework in FRAMEWORKS if framework not in sidecar.evaluation]
    if missing:
        _refuse(sidecar, f"it is not measured; run {command} {missing[0]}")
    difference = sidecar.twins_max_difference
    # Written so that a not-a-number is refused too.
    if difference is None or not difference <= _FURTHEST:
        again = " and ".join(f"{command} {framework}" for framework in FRAMEWORKS)
        _refuse(sidecar, f"its twins differ by {difference}, not {_FURTHEST} at most; run {again}")
    accuracies = [twin.accuracy for twin in sidecar.evaluation.values()]
    if max(accuracies) - min(accuracies) > _WIDEST:
        _refuse(sidecar, f"its twins' accuracies are {accuracies}; measure both again")
    if weights.stat().st_size > _HEAVIEST:
        _refuse(sidecar, f"{weights} has more than {_HEAVIEST:,} bytes; choose a smaller network")


def _refuse(sidecar: Sidecar, reason: str) -> NoReturn:
    message = f"{sidecar.name} version {sidecar.version} is not registered: {reason}"
    raise GateError(message)


def _entry(sidecar: Sidecar, weights: Path, models: Path) -> dict[str, Any]:
    height, width, channels = sidecar.input_shape
    return {
        "name": sidecar.name,
        "version": sidecar.version,
        "dataset": sidecar.dataset.removesuffix("-soft"),
        "architecture": sidecar.architecture,
        "input": {"height": height, "width": width, "channels": channels},
        "labels": list(sidecar.labels),
        "frameworks": list(FRAMEWORKS),
        "weights": {
            "path": weights.resolve().relative_to(models.resolve()).as_posix(),
            "sha256": sha256(weights.read_bytes()).hexdigest(),
        },
        "metrics": _metrics(sidecar),
        "licence": find_dataset(sidecar.dataset).licence,
    }


def _metrics(sidecar: Sidecar) -> dict[str, float]:
    """Return the figures that both twins reach; none before they are measured."""
    twins = list(sidecar.evaluation.values())
    names = ("accuracy", "macro_f1") if twins else ()
    return {f"public_test_{name}": min(getattr(twin, name) for twin in twins) for name in names}
