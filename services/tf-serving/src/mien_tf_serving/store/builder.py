"""Makes the model store: `<served name>/<version>/` for every TensorFlow twin."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mien_models import Framework, Registry, RegistryError, ServedModel
from mien_tf_serving.errors import ServingError, StoreError
from mien_tf_serving.store.configs import KEPT_VERSIONS, write_configs
from mien_tf_serving.store.stamp import is_current, read_stamp, stamp_of, write_stamp

EXPORT_SECONDS = 300.0

Export = Callable[[Path, Path], None]
"""Writes the SavedModel of a model's folder to a path that does not exist yet."""


@dataclass(frozen=True)
class Built:
    """What became of one served model."""

    name: str
    version: int
    skipped: bool


def build_store(
    registry: Registry, store: Path, export: Export, batch_threads: int | None = None
) -> list[Built]:
    """Bring the store up to date with the registry, and return what was done.

    A version appears complete or not at all, so a server may be watching. Without
    ``batch_threads``, as many batches are computed at a time as this machine has processors.

    Raises:
        StoreError: a model cannot be exported, or cannot be run once it is.
    """
    served = [one for one in registry.served() if one.framework is Framework.TENSORFLOW]
    store.mkdir(parents=True, exist_ok=True)
    done = [_build(one, store / one.name, export) for one in served]
    for one in served:
        _remove_superseded(store / one.name)
    write_configs(store, served, batch_threads or os.cpu_count() or 1)
    return done


def run_exporter(model_dir: Path, out: Path) -> None:
    """Export by `mien_training.export` in a process of its own, as Keras wants one backend each.

    Raises:
        StoreError: with the end of what the exporter said.
    """
    command = [
        *(sys.executable, "-m", "mien_training.export", "savedmodel"),
        *("--model-dir", str(model_dir), "--out", str(out)),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=EXPORT_SECONDS,
            env=os.environ | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"},
        )
    except subprocess.TimeoutExpired as error:
        message = f"exporting {model_dir} took longer than {EXPORT_SECONDS:.0f} s"
        raise StoreError(message) from error
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        message = f"exporting {model_dir} failed with status {done.returncode}:\n{said}"
        raise StoreError(message)


def _build(served: ServedModel, folder: Path, export: Export) -> Built:
    model = served.model
    try:
        model.verify_weights()
    except RegistryError as error:
        raise StoreError(str(error)) from error
    stamp = stamp_of(model)
    target = folder / str(model.version)
    if is_current(target, stamp):
        return Built(served.name, model.version, skipped=True)
    folder.mkdir(exist_ok=True)
    # Names that are no number, so that no server takes them for versions.
    temporary, old = folder / f".{model.version}.tmp", folder / f".{model.version}.old"
    for left_over in (temporary, old):
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        export(model.directory, temporary)
        _complete(served, temporary)
        write_stamp(temporary, stamp)
        if target.exists():
            target.rename(old)
        temporary.rename(target)
    finally:
        for left_over in (temporary, old):
            shutil.rmtree(left_over, ignore_errors=True)
    return Built(served.name, model.version, skipped=False)


def _complete(served: ServedModel, directory: Path) -> None:
    """Add the warm-up requests, and replay them as a server will."""
    # TensorFlow takes seconds to import; nothing but this needs it.
    from mien_tf_serving.embedded.bundle import Bundle  # noqa: PLC0415
    from mien_tf_serving.embedded.warmup import warm_up  # noqa: PLC0415
    from mien_tf_serving.store.requests import write_requests  # noqa: PLC0415

    write_requests(directory, served.name, served.model.input)
    try:
        warm_up(Bundle(directory), directory)
    except ServingError as error:
        message = f"{served.name}: the exported SavedModel cannot be served: {error}"
        raise StoreError(message) from error


def _remove_superseded(folder: Path) -> None:
    """Remove versions that this builder made, all but the newest ones."""
    made = [one for one in folder.iterdir() if one.name.isdecimal() and read_stamp(one) is not None]
    for child in sorted(made, key=lambda one: int(one.name))[:-KEPT_VERSIONS]:
        doomed = child.with_name(f".{child.name}.old")
        child.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
