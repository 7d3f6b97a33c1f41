"""POST /v1/compare: the same faces through both twins of a model."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.comparing import Comparison, TwinAnswer
from mien_gateway.core import Core
from mien_gateway.http import documents
from mien_gateway.http.answering import answer, receive_picture
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.callers import while_connected
from mien_gateway.http.presentation import (
    milliseconds,
    present_box,
    present_detector,
    present_model,
    present_probabilities,
    present_size,
)
from mien_gateway.http.request_id import request_id


def compare_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/compare", **documents.COMPARE)
    async def compare(request: Request) -> Response:
        """Ask both twins about the same faces, side by side, with the largest difference.

        They are asked one after the other, and nothing comes from the cache: the latencies
        are part of the answer.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            asked, _ = await receive_picture(request, core, reader, observation)
            comparison = await while_connected(request, core.comparer.compare(asked))
        document = _present(comparison, request_id(request))
        return answer(request, document, document["timings_ms"])

    return router


def _present(comparison: Comparison, identifier: str) -> dict[str, Any]:
    detection = comparison.detection
    return {
        "request_id": identifier,
        "detector": present_detector(detection.detector),
        "image": present_size(detection.image),
        "models": [_model(twin) for twin in comparison.twins],
        "faces": [_face(index, comparison) for index in range(len(detection.faces))],
        "largest_difference": round(comparison.largest_difference, 9),
        "timings_ms": {
            "detect": milliseconds(comparison.detect_seconds),
            **{
                f"infer_{twin.model.framework.value}": milliseconds(twin.infer_seconds)
                for twin in comparison.twins
            },
        },
    }


def _model(twin: TwinAnswer) -> dict[str, Any]:
    return {
        **present_model(twin.model),
        "served_by": twin.served_by,
        "infer_ms": milliseconds(twin.infer_seconds),
    }


def _face(index: int, comparison: Comparison) -> dict[str, Any]:
    return {
        "index": index,
        "box": present_box(comparison.detection.faces[index].box),
        "answers": {twin.model.framework.value: _answer(index, twin) for twin in comparison.twins},
        "largest_difference": round(comparison.difference(index), 9),
    }


def _answer(index: int, twin: TwinAnswer) -> dict[str, Any]:
    face, labels = twin.faces[index], twin.model.model.labels
    return {
        "top": {
            "label": labels[face.top],
            "probability": round(face.probabilities[face.top], 6),
        },
        "probabilities": present_probabilities(face.probabilities, labels),
    }
