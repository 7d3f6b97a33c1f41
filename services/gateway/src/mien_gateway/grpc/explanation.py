"""How an explanation looks as messages."""

from collections.abc import Sequence

from mien.v1 import emotion_pb2 as pb

from mien_gateway.analysis.explaining import Explained, ExplainedFace
from mien_gateway.analysis.judging import Judge
from mien_gateway.grpc.presentation import (
    detector_message,
    expressions,
    face_message,
    model_ref,
    size_message,
)
from mien_models.registry import Model


def explain_response(
    explained: Explained, judge: Judge, request_id: str, overlays: Sequence[bytes]
) -> pb.ExplainResponse:
    """Return the message of an explanation; `overlays` has a PNG per face, or none at all."""
    detection, model = explained.detection, explained.model.model
    pictures = overlays or [b""] * len(explained.faces)
    faces = zip(explained.faces, pictures, strict=True)
    return pb.ExplainResponse(
        request_id=request_id,
        model=model_ref(explained.model),
        detector=detector_message(detection.detector),
        image=size_message(detection.image),
        faces=[
            _face(index, face, overlay, model, judge) for index, (face, overlay) in enumerate(faces)
        ],
        served_by=explained.served_by,
        detect_ms=explained.detect_seconds * 1000,
        explain_ms=explained.explain_seconds * 1000,
    )


def _face(
    index: int, found: ExplainedFace, overlay: bytes, model: Model, judge: Judge
) -> pb.ExplainedFace:
    face = found.face
    judgement = judge.judge(face, model.labels)
    return pb.ExplainedFace(
        face=face_message(index, face, judgement, model.labels),
        explained=expressions(face.probabilities, model.labels)[found.explained],
        heat_map=pb.HeatMap(height=model.input.height, width=model.input.width, values=found.heat),
        overlay_png=overlay,
    )
