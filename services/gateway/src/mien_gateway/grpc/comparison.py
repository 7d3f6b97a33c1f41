"""How a comparison looks as messages."""

from mien.v1 import emotion_pb2 as pb

from mien_gateway.analysis.comparing import Comparison, TwinAnswer
from mien_gateway.grpc.presentation import (
    box_message,
    detector_message,
    expressions,
    model_ref,
    size_message,
)


def compare_response(comparison: Comparison, request_id: str) -> pb.CompareResponse:
    """Return the message of a comparison."""
    detection = comparison.detection
    return pb.CompareResponse(
        request_id=request_id,
        detector=detector_message(detection.detector),
        image=size_message(detection.image),
        models=[
            pb.ComparedModel(
                model=model_ref(twin.model),
                served_by=twin.served_by,
                infer_ms=twin.infer_seconds * 1000,
            )
            for twin in comparison.twins
        ],
        faces=[
            pb.ComparedFace(
                index=index,
                box=box_message(face.box),
                distributions=[_distribution(index, twin) for twin in comparison.twins],
                largest_difference=comparison.difference(index),
            )
            for index, face in enumerate(detection.faces)
        ],
        largest_difference=comparison.largest_difference,
        detect_ms=comparison.detect_seconds * 1000,
    )


def _distribution(index: int, twin: TwinAnswer) -> pb.Distribution:
    face = twin.faces[index]
    all_of_them = expressions(face.probabilities, twin.model.model.labels)
    return pb.Distribution(top=all_of_them[face.top], expressions=all_of_them)
