"""What is in a model archive, and the manifest by which a current one is known."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from mien_models import Framework, Registry, ServedModel
from mien_torch_serving.errors import ArchiveError, UnknownModelsError
from mien_torch_serving.settings import TorchServeSettings

HANDLER = Path(__file__).parents[1] / "handler.py"
READER = Path(__file__).parents[2] / "face_requests.py"
"""The handler's other half; TorchServe wants a handler file with one class only."""
MODEL_CONFIG = "model-config.yaml"
_PAIR = 2
_RETRY_SECONDS = 7 * 24 * 3600
"""TorchServe would give up on a worker that fails for five minutes, and live on without it."""


def served_here(registry: Registry, names: frozenset[str] = frozenset()) -> tuple[ServedModel, ...]:
    """The registry's models that TorchServe serves; of so many only, if `names` has any.

    Raises UnknownModelsError for names that the registry does not have.
    """
    served = [one for one in registry.served() if one.framework is Framework.PYTORCH]
    unknown = names - {one.model.name for one in served}
    if unknown:
        raise UnknownModelsError(sorted(unknown), [one.model.name for one in served])
    return tuple(one for one in served if not names or one.model.name in names)


def archive_name(served: ServedModel) -> str:
    """File name of the archive in the store."""
    return f"{served.name}.mar"


def metadata(served: ServedModel) -> dict[str, Any]:
    """What the handler must know of the model."""
    shape = served.model.input
    return {
        "name": served.name,
        "version": served.model.version,
        "input": {"height": shape.height, "width": shape.width, "channels": shape.channels},
        "labels": list(served.model.labels),
    }


def model_config(settings: TorchServeSettings) -> dict[str, Any]:
    """TorchServe's options of the model, and under `handler` those of our handler."""
    return {
        "minWorkers": settings.workers,
        "maxWorkers": settings.workers,
        "batchSize": settings.batch_size,
        # Two that wait already are joined without a delay; more than two never are.
        "maxBatchDelay": settings.max_batch_delay_ms if settings.batch_size > _PAIR else 0,
        "responseTimeout": settings.response_timeout_seconds,
        "startupTimeout": settings.startup_timeout_seconds,
        "maxRetryTimeoutInSec": _RETRY_SECONDS,
        "handler": {
            "threads": settings.threads,
            "maxRequestFaces": settings.max_request_faces,
            "maxForwardFaces": settings.max_forward_faces,
            "maxImagePixels": settings.max_image_pixels,
        },
    }


def write_json(path: Path, value: Mapping[str, Any]) -> Path:
    """Write and return the path."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    return path


def write_yaml(path: Path, value: Mapping[str, Any]) -> Path:
    """Write and return the path."""
    path.write_text(yaml.safe_dump(dict(value), sort_keys=False), encoding="utf-8")
    return path


_MAKERS = ("mien_training", "mien_torch_serving.archive")
"""Packages whose code decides what is in an archive."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What stands in the file beside an archive."""

    sources: str
    """Hash over weights, settings, code and versions."""
    sha256: str
    """Of the archive."""


def stamp_path(store: Path, served: ServedModel) -> Path:
    """Where the stamp of a model lies."""
    return store / f"{served.name}.stamp.json"


def sources_hash(served: ServedModel, settings: TorchServeSettings) -> str:
    """Hash over everything that the archive is made from."""
    parts = {
        "weights": served.model.weights_sha256,
        "metadata": metadata(served),
        "config": model_config(settings),
        "handler": [file_sha256(file) for file in (HANDLER, READER)],
        "makers": {name: _code_hash(name) for name in _MAKERS},
        "versions": {name: version(name) for name in ("torch", "keras", "torch-model-archiver")},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def write_stamp(served: ServedModel, settings: TorchServeSettings) -> None:
    """Record the archive that was just built."""
    stamp = Stamp(
        sources=sources_hash(served, settings),
        sha256=file_sha256(settings.store / archive_name(served)),
    )
    path = stamp_path(settings.store, served)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(stamp), indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def is_up_to_date(served: ServedModel, settings: TorchServeSettings) -> bool:
    """Whether the store holds the archive that would be built now."""
    try:
        verify(served, settings.store)
        return _read(settings.store, served).sources == sources_hash(served, settings)
    except ArchiveError:
        return False


def verify(served: ServedModel, store: Path) -> None:
    """Raise ArchiveError unless the archive is there as it was built."""
    archive = store / archive_name(served)
    if not archive.is_file():
        message = f"{archive} is missing: build it, `python -m mien_torch_serving.archive`"
        raise ArchiveError(message)
    if file_sha256(archive) != _read(store, served).sha256:
        message = (
            f"{archive} is not the file that was built: delete it and build it again, "
            "`python -m mien_torch_serving.archive`"
        )
        raise ArchiveError(message)


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(store: Path, served: ServedModel) -> Stamp:
    path = stamp_path(store, served)
    try:
        return Stamp(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        message = f"{path} cannot be read ({error}): build the archive again"
        raise ArchiveError(message) from error


@cache
def _code_hash(package: str) -> str:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    files = sorted(file for folder in folders or () for file in Path(folder).rglob("*.py"))
    return hashlib.sha256("".join(map(file_sha256, files)).encode()).hexdigest()
