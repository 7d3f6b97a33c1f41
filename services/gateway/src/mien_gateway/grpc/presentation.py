"""How the domain's values look as messages."""

from mien.v1 import emotion_pb2 as pb
from mien.v1 import face_detector_pb2 as detector_pb

from mien_gateway.domain import Analysis, CacheStatus, Face, Landmarks, Point, Timings
from mien_models.registry import ServedModel

_CACHE = {
    CacheStatus.HIT: pb.CACHE_STATUS_HIT,
    CacheStatus.MISS: pb.CACHE_STATUS_MISS,
    CacheStatus.BYPASS: pb.CACHE_STATUS_BYPASS,
}


def analyze_response(analysis: Analysis, request_id: str) -> pb.AnalyzeResponse:
    """Return the message of an analysis."""
    served, findings = analysis.model, analysis.findings
    return pb.AnalyzeResponse(
        request_id=request_id,
        model=pb.ModelRef(
            name=served.name, version=served.model.version, framework=served.framework.value
        ),
        detector=detector_pb.DetectorInfo(
            name=findings.detector.name, version=findings.detector.version
        ),
        image=detector_pb.ImageSize(width=findings.image.width, height=findings.image.height),
        faces=[_face(index, face, served) for index, face in enumerate(findings.faces)],
        cache=_CACHE[analysis.cache],
        served_by=findings.served_by,
        timings=_timings(analysis.timings),
    )


def model_info(served: ServedModel, *, default: bool) -> pb.ModelInfo:
    """Return the message of a model."""
    model = served.model
    return pb.ModelInfo(
        name=served.name,
        version=model.version,
        framework=served.framework.value,
        architecture=model.architecture,
        dataset=model.dataset,
        labels=model.labels,
        input=detector_pb.CropShape(
            height=model.input.height, width=model.input.width, channels=model.input.channels
        ),
        licence=model.licence,
        metrics=model.metrics,
        default=default,
    )


def _face(index: int, face: Face, served: ServedModel) -> pb.Face:
    box = face.box
    expressions = [
        pb.Expression(label=label, probability=probability)
        for label, probability in zip(served.model.labels, face.probabilities, strict=True)
    ]
    return pb.Face(
        index=index,
        box=detector_pb.Box(x=box.x, y=box.y, width=box.width, height=box.height),
        landmarks=_landmarks(face.landmarks),
        detection_score=face.detection_score,
        top=expressions[face.top],
        expressions=expressions,
    )


def _landmarks(marks: Landmarks) -> detector_pb.Landmarks:
    return detector_pb.Landmarks(
        left_eye=_point(marks.left_eye),
        right_eye=_point(marks.right_eye),
        nose=_point(marks.nose),
        left_mouth=_point(marks.left_mouth),
        right_mouth=_point(marks.right_mouth),
    )


def _point(point: Point) -> detector_pb.Point:
    return detector_pb.Point(x=point.x, y=point.y)


def _timings(timings: Timings) -> pb.Timings:
    return pb.Timings(
        cache_ms=timings.cache * 1000,
        detect_ms=timings.detect * 1000,
        infer_ms=timings.infer * 1000,
        total_ms=timings.total * 1000,
    )
