"""POST /v1/analyze, /v1/analyze/batch, /v1/analyze/annotated and /predict_emotion."""

from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.batch import BatchRequest, Outcome
from mien_gateway.analysis.labelling import LabelledAnalysis
from mien_gateway.core import Core
from mien_gateway.domain import Analysis, AnalysisRequest
from mien_gateway.drawing.annotate import annotate, labelled_face
from mien_gateway.drawing.images import PictureFormat
from mien_gateway.errors import CallerError, GatewayError, InvalidRequestError, NoFaceError
from mien_gateway.http.bodies import BatchItem, BodyReader, parsed, receive_batch, upload_from_json
from mien_gateway.http.openapi import operations
from mien_gateway.http.parameters import (
    Options,
    caller_deadline,
    no_store,
    read_options,
    request_id,
    while_connected,
)
from mien_gateway.http.problems import PROBLEMS, Problem, gateway_problem, problem_document
from mien_gateway.http.serialization import (
    answer,
    milliseconds,
    one_name,
    present,
    receive_picture,
    server_timing,
    stages_ms,
)
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.telemetry.metrics import Observation


def analyze_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route; it reads the request itself, since that is the hot path."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze", **operations.ANALYZE)
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
            labelled = core.labelled(analysis, options.minimum_confidence)
            await core.remember(options.session, labelled)
        analysed = perf_counter()
        document = present(labelled, request_id(request))
        stages = {"receive": milliseconds(received - arrived), **stages_ms(analysis.timings)}
        return answer(request, document, stages, encoding_since=analysed)

    return router


FACES_HEADER = "X-Mien-Faces"


def annotated_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze/annotated", **operations.ANNOTATED)
    async def analyze_annotated(request: Request) -> Response:
        """Return the picture, upright, with each face's box, label and probabilities drawn.

        The longest side is at most 2560 pixels; a very small picture is enlarged.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            picture_format = _format(request)
            asked, options = await receive_picture(request, core, reader, observation)

            async def work() -> tuple[LabelledAnalysis, bytes, float]:
                analysis = await core.analyzer.analyze(asked)
                labelled = core.labelled(analysis, options.minimum_confidence)
                started = perf_counter()
                drawn = await _drawn(core, asked, labelled, picture_format)
                return labelled, drawn, perf_counter() - started

            labelled, drawn, seconds = await while_connected(request, work())
            await core.remember(options.session, labelled)
        timings = present(labelled, request_id(request))["timings_ms"]
        return Response(
            drawn,
            headers={
                HEADER: request_id(request),
                "Server-Timing": server_timing({**timings, "draw": milliseconds(seconds)}),
                FACES_HEADER: str(len(labelled.face_labels)),
            },
            media_type=picture_format.media_type,
        )

    return router


async def _drawn(
    core: Core, asked: AnalysisRequest, labelled: LabelledAnalysis, picture_format: PictureFormat
) -> bytes:
    labels, faces = labelled.analysis.model.model.labels, labelled.analysis.findings.faces
    shown = [
        labelled_face(face, labels, word=face_label.label)
        for face, face_label in zip(faces, labelled.face_labels, strict=True)
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


def batch_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/analyze/batch", **operations.BATCH)
    async def analyze_batch(request: Request) -> Response:
        """Analyse many pictures; the faces of all of them share the messages to the model.

        The status is 200 as soon as the batch as a whole could be read: what is wrong with
        one picture is told in its place.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            options = read_options(request)
            deadline = caller_deadline(request, core.request_timeout_seconds)
            core.models.resolve(options.model)
            received = await receive_batch(request, reader, deadline, core.batches)
            # The middleware has counted one of them.
            await core.access.spend(request.state.caller, len(received.items) - 1)
            name = one_name(options.model, received.model)
            observation.model = core.models.resolve(name).name
            asked = BatchRequest(
                images=[item.image for item in received.items if item.error is None],
                model=name,
                deadline=deadline,
                no_store=options.no_store,
                allow_twin=options.allow_twin,
                caller=request.state.caller.identity,
            )
            outcomes = await while_connected(request, core.batches.analyze(asked))
        results = _merged(received.items, outcomes)
        documents_ = [
            _result(request, core, options, item, outcome)
            for item, outcome in zip(received.items, results, strict=True)
        ]
        failed = sum("problem" in one for one in documents_)
        return answer(
            request,
            {
                "request_id": request_id(request),
                "succeeded": len(documents_) - failed,
                "failed": failed,
                "results": documents_,
            },
        )

    return router


def _merged(items: list[BatchItem], outcomes: list[Outcome]) -> list[Outcome]:
    """Put what could not even be read back into its place."""
    computed = iter(outcomes)
    return [item.error or next(computed) for item in items]


def _result(
    request: Request, core: Core, options: Options, item: BatchItem, outcome: Outcome
) -> dict[str, Any]:
    head = {"id": item.identifier}
    if isinstance(outcome, GatewayError):
        return {**head, "problem": problem_document(request, outcome)}
    labelled = core.labelled(outcome, options.minimum_confidence)
    return {**head, "analysis": present(labelled, request_id(request))}


def predict_emotion_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/predict_emotion", **operations.PREDICT_EMOTION)
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
        image=upload.image,
        model=upload.model,
        deadline=deadline,
        no_store=no_store(request),
        caller=request.state.caller.identity,
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
