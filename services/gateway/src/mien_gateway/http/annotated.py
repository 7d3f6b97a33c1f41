"""POST /v1/analyze/annotated: one picture in, the same picture with its faces drawn out."""

from functools import partial
from time import perf_counter

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.judging import Judged
from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest
from mien_gateway.drawing.annotate import annotate
from mien_gateway.drawing.labels import labelled
from mien_gateway.drawing.pictures import PictureFormat
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http import documents_videos as documents
from mien_gateway.http.answering import receive_picture
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import while_connected
from mien_gateway.http.presentation import milliseconds, present, server_timing
from mien_gateway.http.request_id import request_id
from mien_gateway.telemetry.request_ids import HEADER

FACES_HEADER = "X-Mien-Faces"


def annotated_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze/annotated", **documents.ANNOTATED)
    async def analyze_annotated(request: Request) -> Response:
        """Return the picture, upright, with each face's box, label and probabilities drawn.

        The longest side is at most 2560 pixels; a very small picture is enlarged.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            picture_format = _format(request)
            asked, options = await receive_picture(request, core, reader, observation)

            async def work() -> tuple[Judged, bytes, float]:
                analysis = await core.analyzer.analyze(asked)
                judged = core.judged(analysis, options.minimum_confidence)
                started = perf_counter()
                drawn = await _drawn(core, asked, judged, picture_format)
                return judged, drawn, perf_counter() - started

            judged, drawn, seconds = await while_connected(request, work())
            await core.remember(options.session, judged)
        timings = present(judged, request_id(request))["timings_ms"]
        return Response(
            drawn,
            headers={
                HEADER: request_id(request),
                "Server-Timing": server_timing({**timings, "draw": milliseconds(seconds)}),
                FACES_HEADER: str(len(judged.judgements)),
            },
            media_type=picture_format.media_type,
        )

    return router


async def _drawn(
    core: Core, asked: AnalysisRequest, judged: Judged, picture_format: PictureFormat
) -> bytes:
    labels, faces = judged.analysis.model.model.labels, judged.analysis.findings.faces
    shown = [
        labelled(face, labels, word=judgement.label)
        for face, judgement in zip(faces, judged.judgements, strict=True)
    ]
    draw = partial(annotate, asked.image, shown, picture_format)
    return await core.drawing.run(draw, asked.deadline)


def _format(request: Request) -> PictureFormat:
    asked = request.query_params.get("format", PictureFormat.JPEG)
    try:
        return PictureFormat(asked)
    except ValueError:
        message = "`format` must be jpeg or png"
        raise InvalidRequestError(message) from None
