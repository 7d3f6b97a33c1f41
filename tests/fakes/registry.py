"""The registry that the fakes know, as a file."""

from pathlib import Path

import yaml

from tests.fakes.gateway import registry


def write_registry(path: Path, version: int | None = None) -> Path:
    """Write it, at its own or another version, complete at once; returns the path."""
    (model,) = registry().models
    shape = model.input
    entry = {
        "name": model.name,
        "version": version or model.version,
        "dataset": model.dataset,
        "architecture": model.architecture,
        "input": {"height": shape.height, "width": shape.width, "channels": shape.channels},
        "labels": list(model.labels),
        "frameworks": [one.value for one in model.frameworks],
        "weights": {"path": "weights.safetensors", "sha256": model.weights_sha256},
        "licence": model.licence,
    }
    new = path.with_suffix(".new")
    new.write_text(yaml.safe_dump({"models": [entry]}), encoding="utf-8")
    new.replace(path)
    return path
