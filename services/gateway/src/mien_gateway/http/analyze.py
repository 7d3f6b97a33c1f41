"""POST /v1/analyze: one picture in, the expressions of its faces out."""

from time import perf_counter

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.http import documents
from mien_gateway.http.answering import answer, receive_picture
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import while_connected
from mien_gateway.http.presentation import milliseconds, present, stages_ms
from mien_gateway.http.request_id import request_id


def analyze_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route; it reads the request itself, since that is the hot path."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze", **documents.ANALYZE)
    async def analyze(request: Request) -> Response:
        """Find the faces of one picture and recognise what each expresses.

        No face is an answer too: an empty list. With `Cache-Control: no-store` the answer
        is neither looked up nor kept.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            arrived = perf_counter()
            asked, options = await receive_picture(request, core, reader, observation)
            received = perf_counter()
            analysis = await while_connected(request, core.analyzer.analyze(asked))
            judged = core.judged(analysis, options.minimum_confidence)
            await core.remember(options.session, judged)
        analysed = perf_counter()
        document = present(judged, request_id(request))
        stages = {"receive": milliseconds(received - arrived), **stages_ms(analysis.timings)}
        return answer(request, document, stages, encoding_since=analysed)

    return router
