"""POST /v1/compare and /v1/explain."""

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.analysis.compare import Comparison, TwinAnswer
from mien_gateway.analysis.explain import Explained, ExplainedFace
from mien_gateway.analysis.labelling import LabelPolicy
from mien_gateway.core import Core
from mien_gateway.http.bodies import BodyReader
from mien_gateway.http.openapi import operations
from mien_gateway.http.parameters import read_flag, request_id, while_connected
from mien_gateway.http.serialization import (
    answer,
    milliseconds,
    present_box,
    present_detector,
    present_face,
    present_model,
    present_probabilities,
    present_size,
    receive_picture,
)


def compare_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/compare", **operations.COMPARE)
    async def compare(request: Request) -> Response:
        """Ask both twins about the same faces, side by side, with the largest difference.

        They are asked one after the other, and nothing comes from the cache: the latencies
        are part of the answer.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            asked, _ = await receive_picture(request, core, reader, observation)
            comparison = await while_connected(request, core.comparer.compare(asked))
        document = _comparison_to_json(comparison, request_id(request))
        return answer(request, document, document["timings_ms"])

    return router


def _comparison_to_json(comparison: Comparison, identifier: str) -> dict[str, Any]:
    detection = comparison.detection
    return {
        "request_id": identifier,
        "detector": present_detector(detection.detector),
        "image": present_size(detection.image),
        "models": [_model(twin) for twin in comparison.twins],
        "faces": [_compared_face(index, comparison) for index in range(len(detection.faces))],
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


def _compared_face(index: int, comparison: Comparison) -> dict[str, Any]:
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


def explain_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["expressions"])

    @router.post("/v1/explain", **operations.EXPLAIN)
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
        label_policy = core.label_policy_with(options.minimum_confidence)
        # Thousands of values a face, and overlays in base64: not on the event loop.
        return await asyncio.to_thread(_respond, request, explained, label_policy, overlays)

    return router


def _respond(
    request: Request, explained: Explained, label_policy: LabelPolicy, overlays: Sequence[bytes]
) -> Response:
    document = _explanation_to_json(explained, label_policy, request_id(request))
    for face, overlay in zip(document["faces"], overlays, strict=False):
        face["overlay_png"] = b64encode(overlay).decode()
    return answer(request, document, document["timings_ms"])


def _explanation_to_json(
    explained: Explained, label_policy: LabelPolicy, identifier: str
) -> dict[str, Any]:
    return {
        "request_id": identifier,
        "model": present_model(explained.model),
        "detector": present_detector(explained.detection.detector),
        "image": present_size(explained.detection.image),
        "faces": [
            _explained_face(index, face, explained, label_policy)
            for index, face in enumerate(explained.faces)
        ],
        "served_by": explained.served_by,
        "timings_ms": {
            "detect": milliseconds(explained.detect_seconds),
            "explain": milliseconds(explained.explain_seconds),
        },
    }


def _explained_face(
    index: int, face: ExplainedFace, explained: Explained, label_policy: LabelPolicy
) -> dict[str, Any]:
    model = explained.model.model
    face_label = label_policy.label(face.face, model.labels)
    width = model.input.width
    # Four places, in a fifth of the time that round() takes.
    rows = [
        [int(value * 10_000 + 0.5) / 10_000 for value in face.heat[start : start + width]]
        for start in range(0, len(face.heat), width)
    ]
    return {
        **present_face(index, face.face, face_label, model.labels),
        "explained": {
            "label": model.labels[face.explained],
            "probability": round(face.face.probabilities[face.explained], 6),
        },
        "heat_map": {"height": model.input.height, "width": width, "rows": rows},
    }
