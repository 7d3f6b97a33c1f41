"""Builds the archives of the registry's models."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from mien_models import Model, Registry, RegistryError, ServedModel
from mien_torch_serving.archive import contents
from mien_torch_serving.archive.contents import (
    HANDLER,
    MODEL_CONFIG,
    READER,
    archive_name,
    metadata,
    model_config,
    served_here,
    write_json,
    write_yaml,
)
from mien_torch_serving.errors import ArchiveError
from mien_torch_serving.settings import TorchServeSettings

Exporter = Callable[[Model, Path], None]
"""Writes the TorchScript of a model to a file."""

_EXPORT_SECONDS = 600
_PACK_SECONDS = 60


def export_torchscript(model: Model, out: Path) -> None:
    """Let the training package export, in a process of its own with Keras on PyTorch."""
    where = ["--model-dir", str(model.directory), "--out", str(out)]
    _run_module(["mien_training.export", "torchscript", *where], model.name, _EXPORT_SECONDS)


def build(
    registry: Registry,
    settings: TorchServeSettings,
    say: Callable[[str], None],
    export: Exporter = export_torchscript,
) -> list[Path]:
    """Build what is not up to date and return every archive, in the registry's order.

    Raises ArchiveError when weights, export or packing fail; archives that were good
    before stay as they were.
    """
    settings.store.mkdir(parents=True, exist_ok=True)
    archives = []
    for served in served_here(registry, settings.model_names):
        archive = settings.store / archive_name(served)
        if contents.is_up_to_date(served, settings):
            say(f"{archive.name} is up to date")
        else:
            say(f"{archive.name} version {served.model.version}: exporting and packing")
            _build_one(served, settings, export)
        archives.append(archive)
    return archives


def _build_one(served: ServedModel, settings: TorchServeSettings, export: Exporter) -> None:
    try:
        served.model.verify_weights()
    except RegistryError as error:
        raise ArchiveError(str(error)) from error
    with tempfile.TemporaryDirectory(prefix=".build-", dir=settings.store) as folder:
        work = Path(folder)
        export(served.model, work / "model.pt")
        _pack(served, settings, work)
        # A server that starts meanwhile finds the old archive or the new one, never half of it.
        (work / archive_name(served)).replace(settings.store / archive_name(served))
    contents.write_stamp(served, settings)


def _pack(served: ServedModel, settings: TorchServeSettings, work: Path) -> None:
    notes = write_json(work / "metadata.json", metadata(served))
    config = write_yaml(work / MODEL_CONFIG, model_config(settings))
    options = {
        "--model-name": served.name,
        "--version": str(served.model.version),
        "--serialized-file": str(work / "model.pt"),
        "--handler": str(HANDLER),
        "--extra-files": f"{notes},{READER}",
        "--config-file": str(config),
        "--export-path": str(work),
    }
    words = [word for pair in options.items() for word in pair]
    _run_module(["model_archiver.model_packaging", *words], served.name, _PACK_SECONDS)


def _run_module(arguments: list[str], name: str, seconds: int) -> None:
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    command = [sys.executable, "-m", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command, env=environment, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        message = f"{name}: {arguments[0]} did not end within {seconds} s"
        raise ArchiveError(message) from error
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-10:])
        message = f"{name}: {arguments[0]} failed:\n{tail}"
        raise ArchiveError(message)
