"""POST /predict_emotion: the contract of the thesis, for its clients.

One face, the largest; 400 for every fault of the caller, 500 for every other.
"""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import Analysis, AnalysisRequest
from mien_gateway.errors import CallerError, GatewayError, NoFaceError
from mien_gateway.http import documents
from mien_gateway.http.base64_images import upload_from_json
from mien_gateway.http.bodies import BodyReader, parsed
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.options import no_store
from mien_gateway.http.problems import PROBLEMS, Problem, gateway_problem
from mien_gateway.http.request_id import request_id
from mien_gateway.telemetry.observation import Observation
from mien_gateway.telemetry.request_ids import HEADER


def predict_emotion_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/predict_emotion", **documents.PREDICT_EMOTION)
    async def predict_emotion(request: Request) -> Response:
        """Recognise the expression of the largest face in a picture."""
        try:
            with core.observed("rest", ClientDisconnect) as observation:
                analysis = await _analyze(request, core, reader, observation)
                document = _largest(analysis)
        except GatewayError as error:
            return gateway_problem(request, error, _coarse(error))
        return Response(
            orjson.dumps(document),
            headers={HEADER: request_id(request)},
            media_type="application/json",
        )

    return router


async def _analyze(
    request: Request, core: Core, reader: BodyReader, observation: Observation
) -> Analysis:
    deadline = caller_deadline(request, core.request_timeout_seconds)
    body = await reader.read(request, reader.limits.json, deadline)
    upload = await parsed(
        body,
        lambda body: upload_from_json(body, image_field="image_data", model_field="model_name"),
    )
    observation.model = core.models.resolve(upload.model).name
    asked = AnalysisRequest(
        image=upload.image, model=upload.model, deadline=deadline, no_store=no_store(request)
    )
    return await while_connected(request, core.analyzer.analyze(asked))


def _largest(analysis: Analysis) -> dict[str, str | float]:
    if not analysis.findings.faces:
        raise NoFaceError
    face = analysis.findings.faces[0]
    return {
        "emotion": analysis.model.model.labels[face.top],
        "confidence": round(face.probabilities[face.top], 6),
    }


def _coarse(error: GatewayError) -> Problem:
    status = (
        HTTPStatus.BAD_REQUEST
        if isinstance(error, CallerError)
        else HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return Problem(status, PROBLEMS[type(error)].title)
