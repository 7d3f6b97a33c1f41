"""POST /v1/explain: where in each face the model found the expression."""

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.explaining import Explained, ExplainedFace
from mien_gateway.analysis.judging import Judge
from mien_gateway.core import Core
from mien_gateway.http import documents
from mien_gateway.http.answering import answer, receive_picture
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import while_connected
from mien_gateway.http.options import read_flag
from mien_gateway.http.presentation import (
    milliseconds,
    present_detector,
    present_face,
    present_model,
    present_size,
)
from mien_gateway.http.request_id import request_id


def explain_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/explain", **documents.EXPLAIN)
    async def explain(request: Request) -> Response:
        """Return a Grad-CAM heat map per face, for the top expression or for `label`.

        With `overlay=true` each face also comes as a PNG under its map, in base64.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            wants_overlay = read_flag(request, "overlay")
            label = request.query_params.get("label", "")
            asked, options = await receive_picture(request, core, reader, observation)
            work = core.explainer.explain(asked, label)
            explained = await while_connected(request, work)
            overlays = await core.overlays(explained, asked.deadline) if wants_overlay else []
        judge = core.judge_with(options.minimum_confidence)
        # Thousands of values a face, and overlays in base64: not on the event loop.
        return await asyncio.to_thread(_respond, request, explained, judge, overlays)

    return router


def _respond(
    request: Request, explained: Explained, judge: Judge, overlays: Sequence[bytes]
) -> Response:
    document = _present(explained, judge, request_id(request))
    for face, overlay in zip(document["faces"], overlays, strict=False):
        face["overlay_png"] = b64encode(overlay).decode()
    return answer(request, document, document["timings_ms"])


def _present(explained: Explained, judge: Judge, identifier: str) -> dict[str, Any]:
    return {
        "request_id": identifier,
        "model": present_model(explained.model),
        "detector": present_detector(explained.detection.detector),
        "image": present_size(explained.detection.image),
        "faces": [
            _face(index, face, explained, judge) for index, face in enumerate(explained.faces)
        ],
        "served_by": explained.served_by,
        "timings_ms": {
            "detect": milliseconds(explained.detect_seconds),
            "explain": milliseconds(explained.explain_seconds),
        },
    }


def _face(index: int, face: ExplainedFace, explained: Explained, judge: Judge) -> dict[str, Any]:
    model = explained.model.model
    judgement = judge.judge(face.face, model.labels)
    width = model.input.width
    # Four places, in a fifth of the time that round() takes.
    rows = [
        [int(value * 10_000 + 0.5) / 10_000 for value in face.heat[start : start + width]]
        for start in range(0, len(face.heat), width)
    ]
    return {
        **present_face(index, face.face, judgement, model.labels),
        "explained": {
            "label": model.labels[face.explained],
            "probability": round(face.face.probabilities[face.explained], 6),
        },
        "heat_map": {"height": model.input.height, "width": width, "rows": rows},
    }
