"""Under which paths the Open Inference Protocol finds a model: with a version, or without."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.errors import UnknownModelError
from mien_gateway.http import documents_oip as documents
from mien_gateway.http.paths import OIP
from mien_models.registry import ServedModel

Endpoint = Callable[[Request], Awaitable[Response]]


def add_route(
    router: APIRouter, method: str, suffix: str, endpoint: Endpoint, document: dict[str, Any]
) -> None:
    """Add a route about a model, with and without the version in its path."""
    for place, described in documents.places(document):
        name = endpoint.__name__
        if "{version}" in place:
            name = name.replace("model_", "model_version_")
        path = f"{OIP}{place}{suffix}"
        router.add_api_route(path, endpoint, name=name, methods=[method], **described)


def asked_model(request: Request, core: Core) -> ServedModel:
    """Return the model that the path names.

    Raises UnknownModelError where it, or this version of it, is not served.
    """
    served = core.models.resolve(request.path_params["name"])
    current = str(served.model.version)
    version = request.path_params.get("version", current)
    if version != current:
        name = f"{served.name}/versions/"
        raise UnknownModelError(name + version, (name + current,))
    return served
