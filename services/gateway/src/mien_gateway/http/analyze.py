"""POST /v1/analyze: one picture in, the expressions of its faces out."""

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http import documents
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.presentation import present, server_timing
from mien_gateway.http.request_id import request_id
from mien_gateway.http.uploads import receive_upload
from mien_gateway.request_ids import HEADER


def analyze_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route; it reads the request itself, since that is the hot path."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze", **documents.ANALYZE)
    async def analyze(request: Request) -> Response:
        """Find the faces of one picture and recognise what each expresses.

        No face is an answer too: an empty list. With `Cache-Control: no-store` the answer
        is neither looked up nor kept.
        """
        with core.observed("rest") as observation:
            deadline = caller_deadline(request, core.request_timeout_seconds)
            asked_for = request.query_params.get("model", "")
            core.models.resolve(asked_for)  # a wrong name is told before the body is read
            upload = await receive_upload(request, reader, deadline)
            name = one_name(asked_for, upload.model)
            observation.model = core.models.resolve(name).name
            asked = AnalysisRequest(
                image=upload.image, model=name, deadline=deadline, no_store=no_store(request)
            )
            analysis = await while_connected(request, core.analyzer.analyze(asked))
        identifier = request_id(request)
        return Response(
            orjson.dumps(present(analysis, identifier)),
            headers={HEADER: identifier, "Server-Timing": server_timing(analysis.timings)},
            media_type="application/json",
        )

    return router


def no_store(request: Request) -> bool:
    """Whether the caller forbids keeping the answer."""
    directives = request.headers.get("cache-control", "").lower().split(",")
    return "no-store" in map(str.strip, directives)


def one_name(in_query: str, in_body: str) -> str:
    """Return the model's name, wherever it stands.

    Raises InvalidRequestError where two different names are given.
    """
    if in_query and in_body and in_query != in_body:
        message = "The query and the body name different models: name it once"
        raise InvalidRequestError(message)
    return in_query or in_body
