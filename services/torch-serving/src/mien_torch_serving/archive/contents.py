"""What goes into an archive beside the TorchScript file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mien_models import Framework, Registry, ServedModel
from mien_torch_serving.errors import UnknownModelsError
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
