"""A stamp in each version of the store says what it was made from, so that equal is skipped."""

import hashlib
import importlib.metadata
import importlib.util
import json
import platform
from pathlib import Path

from mien_models import Model
from mien_tf_serving.errors import StoreError

_STAMP = Path("assets.extra", "mien-store.json")
_PACKAGES = ("mien_training", "mien_tf_serving")
_DISTRIBUTIONS = (
    "tensorflow-cpu" if platform.machine() == "x86_64" else "tensorflow",  # as in pyproject.toml
    "keras",
)


def stamp_of(model: Model) -> dict[str, str]:
    """Return what decides how the SavedModel of ``model`` comes out: weights, code, libraries.

    Raises:
        StoreError: a package that the export needs is not installed.
    """
    try:
        versions = {name: importlib.metadata.version(name) for name in _DISTRIBUTIONS}
    except importlib.metadata.PackageNotFoundError as error:
        message = f"the package {error.name} is not installed; it is needed to export models"
        raise StoreError(message) from error
    sidecar = model.directory / "model.json"
    return {
        "weights_sha256": model.weights_sha256,
        "sidecar_sha256": _sha256([sidecar]) if sidecar.is_file() else "",
        **{f"{package}_sha256": _source_sha256(package) for package in _PACKAGES},
        **versions,
    }


def is_current(directory: Path, stamp: dict[str, str]) -> bool:
    """Whether a version was made from what ``stamp`` says."""
    return read_stamp(directory) == stamp


def read_stamp(directory: Path) -> dict[str, str] | None:
    """Return the stamp in a version, None if it was not made by this builder."""
    try:
        found = json.loads((directory / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_stamp(directory: Path, stamp: dict[str, str]) -> None:
    """Put the stamp where servers leave it alone, beside the warm-up requests."""
    path = directory / _STAMP
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def _source_sha256(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        message = f"the package {package} is not installed; it is needed to export models"
        raise StoreError(message)
    root = Path(next(iter(spec.submodule_search_locations)))
    return _sha256(sorted(root.rglob("*.py")))


def _sha256(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
