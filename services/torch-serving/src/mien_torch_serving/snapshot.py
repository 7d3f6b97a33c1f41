"""TorchServe's own note of what to serve: the way to a batch delay of 0.

TorchServe takes a delay of 0 in an archive for its default of 100 ms. In a snapshot, which is the
form in which it would remember registered models, it takes 0 as it is: a worker that becomes free
takes two requests that wait, and a request that is alone goes at once.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import yaml

from mien_models import ServedModel
from mien_torch_serving.archive.contents import MODEL_CONFIG, archive_name
from mien_torch_serving.errors import ArchiveError

_KEYS = (
    *("minWorkers", "maxWorkers", "batchSize", "maxBatchDelay"),
    *("responseTimeout", "startupTimeout"),
)


def snapshot(store: Path, models: Sequence[ServedModel]) -> str:
    """The property `model_snapshot`: every archive, served as it says itself.

    Raises ArchiveError for one that does not say so.
    """
    entries = {served.name: {str(served.model.version): _entry(store, served)} for served in models}
    return json.dumps({"name": "mien", "modelCount": len(entries), "models": entries})


def _entry(store: Path, served: ServedModel) -> dict[str, Any]:
    archive = archive_name(served)
    try:
        with ZipFile(store / archive) as packed:
            options = yaml.safe_load(packed.read(MODEL_CONFIG))
        chosen = {key: options[key] for key in _KEYS}
    except (OSError, BadZipFile, KeyError, TypeError, yaml.YAMLError) as error:
        message = f"{store / archive} cannot be read ({error}): build it again"
        raise ArchiveError(message) from error
    return {"defaultVersion": True, "marName": archive, **chosen}
