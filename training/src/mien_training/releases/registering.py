"""Writing a released model into models/registry.yaml."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from mien_training.backend import FRAMEWORKS
from mien_training.releases.sidecar import WEIGHTS, Sidecar, read_sidecar

REGISTRY = "registry.yaml"
_HEADER = (
    "# The one list of Mien's models. Entries are written by `python -m mien_training.register`.\n"
)
_LICENCE = "Trained on FER2013, whose pictures were collected from the web: research and education"


def register(models: Path, folder: Path) -> str:
    """Add the model in ``folder``, a version folder below ``models``, or replace its entry.

    Returns a sentence about it.

    Raises:
        WeightsError: the sidecar is missing or damaged.
    """
    path = models / REGISTRY
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    entries: list[dict[str, Any]] = (document or {}).get("models", [])
    new = _entry(read_sidecar(folder), folder / WEIGHTS, models)
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


def _entry(sidecar: Sidecar, weights: Path, models: Path) -> dict[str, Any]:
    height, width, channels = sidecar.input_shape
    return {
        "name": sidecar.name,
        "version": sidecar.version,
        "dataset": sidecar.name.removesuffix(f"-{sidecar.architecture}"),
        "architecture": sidecar.architecture,
        "input": {"height": height, "width": width, "channels": channels},
        "labels": list(sidecar.labels),
        "frameworks": list(FRAMEWORKS),
        "weights": {
            "path": weights.resolve().relative_to(models.resolve()).as_posix(),
            "sha256": sha256(weights.read_bytes()).hexdigest(),
        },
        "metrics": _metrics(sidecar),
        "licence": _LICENCE,
    }


def _metrics(sidecar: Sidecar) -> dict[str, float]:
    """Return the figures that both twins reach; none before they are measured."""
    twins = list(sidecar.evaluation.values())
    names = ("accuracy", "macro_f1") if twins else ()
    return {f"public_test_{name}": min(getattr(twin, name) for twin in twins) for name in names}
