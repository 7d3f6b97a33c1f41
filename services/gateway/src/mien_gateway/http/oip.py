"""The Open Inference Protocol (v2) over REST: for clients of KServe, Triton and MLServer.

A facade over the same core as /v1, whose documents it only turns into tensors.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.errors import UnknownModelError
from mien_gateway.http import documents_oip as documents
from mien_gateway.http.answering import answer
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.oip_requests import receive_inference
from mien_gateway.http.oip_tensors import present_inference, present_metadata
from mien_gateway.http.options import no_store
from mien_gateway.http.paths import OIP, OIP_LIVE, OIP_READY
from mien_gateway.http.presentation import present
from mien_gateway.http.request_id import request_id
from mien_models.registry import ServedModel

_Endpoint = Callable[[Request], Awaitable[Response]]


def oip_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["open inference protocol"])
    _add_server(router, core)
    _add_models(router, core)
    _add_infer(router, core, reader)
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
        ready = (await core.monitor.check()).ready
        return _state({"ready": ready}, good=ready)


def _add_models(router: APIRouter, core: Core) -> None:
    async def model_metadata(request: Request) -> Response:
        """Describe a model's input and outputs."""
        return answer(request, present_metadata(_asked_model(request, core)))

    async def model_ready(request: Request) -> Response:
        """Say whether the model's server has it ready."""
        name = _asked_model(request, core).name
        ready = (await core.monitor.check()).models.get(name, False)
        return _state({"name": name, "ready": ready}, good=ready)

    _add(router, "GET", "", model_metadata, documents.METADATA)
    _add(router, "GET", "/ready", model_ready, documents.MODEL_READY)


def _add_infer(router: APIRouter, core: Core, reader: BodyReader) -> None:
    async def infer(request: Request) -> Response:
        """Find the faces of one picture and recognise what each expresses.

        The input `image` is the picture in base64; each output has a row per face, largest
        first, and none where there is no face.
        """
        with core.observed("rest") as observation:
            model = _asked_model(request, core).name
            observation.model = model
            deadline = caller_deadline(request, core.request_timeout_seconds)
            inference = await receive_inference(request, reader, deadline)
            asked = AnalysisRequest(
                image=inference.image,
                model=model,
                deadline=deadline,
                no_store=no_store(request),
                allow_twin=inference.allow_twin,
            )
            analysis = await while_connected(request, core.analyzer.analyze(asked))
            judged = core.judged(analysis, inference.minimum_confidence)
        document = present(judged, request_id(request))
        tensors = present_inference(
            document, analysis.model, inference.identifier, inference.outputs
        )
        return answer(request, tensors, document["timings_ms"])

    _add(router, "POST", "/infer", infer, documents.INFER)


def _add(
    router: APIRouter, method: str, suffix: str, endpoint: _Endpoint, document: dict[str, Any]
) -> None:
    """Add a route about a model, with and without the version in its path."""
    for place, described in documents.places(document):
        router.add_api_route(f"{OIP}{place}{suffix}", endpoint, methods=[method], **described)


def _asked_model(request: Request, core: Core) -> ServedModel:
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


def _state(document: dict[str, Any], *, good: bool) -> Response:
    return Response(
        orjson.dumps(document),
        status_code=200 if good else 503,
        media_type="application/json",
    )
