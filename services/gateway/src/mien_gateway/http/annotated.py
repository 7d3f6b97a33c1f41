"""POST /v1/analyze/annotated: one picture in, the same picture with its faces drawn out."""

from functools import partial
from time import perf_counter

from fastapi import APIRouter, Request
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import Analysis, AnalysisRequest
from mien_gateway.drawing.annotate import annotate
from mien_gateway.drawing.labels import labelled
from mien_gateway.drawing.pictures import PictureFormat
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http import documents_videos
from mien_gateway.http.analyze import no_store, one_name
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import caller_deadline, while_connected
from mien_gateway.http.presentation import server_timing
from mien_gateway.http.request_id import request_id
from mien_gateway.http.uploads import receive_upload
from mien_gateway.request_ids import HEADER

FACES_HEADER = "X-Mien-Faces"


def annotated_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze/annotated", **documents_videos.ANNOTATED)
    async def annotated(request: Request) -> Response:
        """Return the picture, upright, with each face's box, label and probabilities drawn.

        The longest side is at most 2560 pixels; a very small picture is enlarged.
        """
        with core.observed("rest") as observation:
            deadline = caller_deadline(request, core.request_timeout_seconds)
            picture_format = _format(request)
            asked_for = request.query_params.get("model", "")
            core.models.resolve(asked_for)
            upload = await receive_upload(request, reader, deadline)
            name = one_name(asked_for, upload.model)
            observation.model = core.models.resolve(name).name
            asked = AnalysisRequest(
                image=upload.image, model=name, deadline=deadline, no_store=no_store(request)
            )

            async def work() -> tuple[Analysis, bytes, float]:
                analysis = await core.analyzer.analyze(asked)
                started = perf_counter()
                labels = analysis.model.model.labels
                faces = [labelled(face, labels) for face in analysis.findings.faces]
                draw = partial(annotate, upload.image, faces, picture_format)
                drawn = await core.drawing.run(draw, deadline)
                return analysis, drawn, perf_counter() - started

            analysis, drawn, seconds = await while_connected(request, work())
        return Response(
            drawn,
            headers={
                HEADER: request_id(request),
                "Server-Timing": _timing(analysis, seconds),
                FACES_HEADER: str(len(analysis.findings.faces)),
            },
            media_type=picture_format.media_type,
        )

    return router


def _format(request: Request) -> PictureFormat:
    asked = request.query_params.get("format", PictureFormat.JPEG)
    try:
        return PictureFormat(asked)
    except ValueError:
        message = "`format` must be jpeg or png"
        raise InvalidRequestError(message) from None


def _timing(analysis: Analysis, draw_seconds: float) -> str:
    return f"{server_timing(analysis.timings)}, draw;dur={round(draw_seconds * 1000, 3)}"
