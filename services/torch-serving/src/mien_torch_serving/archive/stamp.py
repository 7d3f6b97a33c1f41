"""Tells whether an archive is the one that would be built now, byte for byte the one built.

The stamp lies beside the archive: a hash of everything that it was made from, and the
SHA-256 of the archive itself. An archive is code that TorchServe runs, so it is compared
before every start.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mien_models import ServedModel
from mien_torch_serving.archive.contents import (
    HANDLER,
    READER,
    archive_name,
    metadata,
    model_config,
)
from mien_torch_serving.errors import ArchiveError
from mien_torch_serving.settings import TorchServeSettings

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
