"""The Open Inference Protocol (v2) over REST: for clients of KServe, Triton and MLServer.

A facade over the same core as /v1, whose documents it only turns into tensors.
"""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.http import documents_oip as documents
from mien_gateway.http.answering import answer
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.oip_infer import add_infer
from mien_gateway.http.oip_places import add_route, asked_model
from mien_gateway.http.oip_tensors import present_metadata
from mien_gateway.http.paths import OIP, OIP_LIVE, OIP_READY


def oip_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["open inference protocol"])
    _add_server(router, core)
    _add_models(router, core)
    add_infer(router, core, reader)
    return router


def _add_server(router: APIRouter, core: Core) -> None:
    @router.get(OIP, **documents.SERVER)
    async def server_metadata(request: Request) -> Response:
        """Say who answers."""
        return answer(request, {"name": "mien", "version": request.app.version, "extensions": []})

    @router.get(OIP_LIVE, **documents.LIVE)
    async def server_live() -> Response:
        """Say that this process answers, as /healthz does."""
        return _state({"live": True}, good=True)

    @router.get(OIP_READY, **documents.READY)
    async def server_ready() -> Response:
        """Say whether pictures can be analysed, as /readyz does."""
        ready = (await core.monitor.report()).ready
        return _state({"ready": ready}, good=ready)


def _add_models(router: APIRouter, core: Core) -> None:
    async def model_metadata(request: Request) -> Response:
        """Describe a model's input and outputs."""
        return answer(request, present_metadata(asked_model(request, core)))

    async def model_ready(request: Request) -> Response:
        """Say whether the model's server has it ready."""
        name = asked_model(request, core).name
        ready = (await core.monitor.report()).models.get(name, False)
        return _state({"name": name, "ready": ready}, good=ready)

    add_route(router, "GET", "", model_metadata, documents.METADATA)
    add_route(router, "GET", "/ready", model_ready, documents.MODEL_READY)


def _state(document: dict[str, Any], *, good: bool) -> Response:
    return Response(
        orjson.dumps(document),
        status_code=200 if good else 503,
        media_type="application/json",
    )
