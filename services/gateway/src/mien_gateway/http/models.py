"""GET /v1/models, /v1/models/{name} and its card."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.errors import NoCardError
from mien_gateway.http import documents
from mien_models.registry import ServedModel


def models_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["models"])

    @router.get("/v1/models", **documents.MODELS)
    async def list_models() -> Response:
        """List every model that can be asked for, the default first."""
        return _json({"models": [_present(model, core) for model in core.models]})

    @router.get("/v1/models/{name}", **documents.MODEL)
    async def get_model(name: str) -> Response:
        """Describe one model: labels, input, measured figures, licence, readiness."""
        return _json(_present(core.models.find(name), core))

    @router.get("/v1/models/{name}/card", **documents.CARD)
    async def get_model_card(name: str) -> Response:
        """Give the model's card: data, licence, figures per class, limits and misuse."""
        return Response(await _card(core.models.find(name)), media_type="text/markdown")

    return router


async def _card(served: ServedModel) -> bytes:
    """Return the card, which lies above the versions of a model.

    Raises NoCardError where there is none.
    """
    path = served.model.directory.parent / "README.md"
    try:
        return await asyncio.to_thread(path.read_bytes)  # a disk may be slow
    except FileNotFoundError as error:
        raise NoCardError(served.name) from error


def _present(served: ServedModel, core: Core) -> dict[str, Any]:
    model = served.model
    return {
        "name": served.name,
        "version": model.version,
        "framework": served.framework.value,
        "architecture": model.architecture,
        "dataset": model.dataset,
        "labels": model.labels,
        "input": {
            "height": model.input.height,
            "width": model.input.width,
            "channels": model.input.channels,
        },
        "licence": model.licence,
        "metrics": model.metrics,
        "card": f"/v1/models/{served.name}/card",
        "server": ", ".join(core.models.servers(served.name)),
        "default": served.name == core.models.default.name,
        "ready": core.monitor.last.models.get(served.name, False),
    }


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
