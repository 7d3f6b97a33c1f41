"""Answers as protobuf messages."""

from collections.abc import Sequence

from mien.v1 import emotion_pb2 as pb
from mien.v1 import face_detector_pb2 as detector_pb

from mien_gateway.analysis.compare import Comparison, TwinAnswer
from mien_gateway.analysis.explain import Explained, ExplainedFace
from mien_gateway.analysis.labelling import (
    FaceLabel,
    LabelledAnalysis,
    LabelPolicy,
    Quality,
    QualityIssue,
)
from mien_gateway.domain import (
    Box,
    CacheStatus,
    DetectorIdentity,
    Face,
    ImageSize,
    Landmarks,
    Point,
    Timings,
)
from mien_models.registry import Model, ServedModel

_CACHE = {
    CacheStatus.HIT: pb.CACHE_STATUS_HIT,
    CacheStatus.MISS: pb.CACHE_STATUS_MISS,
    CacheStatus.BYPASS: pb.CACHE_STATUS_BYPASS,
}
_ISSUES = {
    QualityIssue.TOO_SMALL: pb.QUALITY_ISSUE_TOO_SMALL,
    QualityIssue.BLURRED: pb.QUALITY_ISSUE_BLURRED,
    QualityIssue.TURNED: pb.QUALITY_ISSUE_TURNED,
}


def analyze_response(labelled: LabelledAnalysis, request_id: str) -> pb.AnalyzeResponse:
    """Return the message of an analysis."""
    analysis = labelled.analysis
    labels, findings = analysis.model.model.labels, analysis.findings
    faces = [
        face_message(index, face, face_label, labels)
        for index, (face, face_label) in enumerate(
            zip(findings.faces, labelled.face_labels, strict=True)
        )
    ]
    for face, track in zip(faces, labelled.tracks, strict=False):
        face.track = track
    return pb.AnalyzeResponse(
        request_id=request_id,
        model=model_ref(analysis.model),
        detector=detector_message(findings.detector),
        image=size_message(findings.image),
        faces=faces,
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


def model_ref(served: ServedModel) -> pb.ModelRef:
    """Return which model answered."""
    return pb.ModelRef(
        name=served.name, version=served.model.version, framework=served.framework.value
    )


def detector_message(detector: DetectorIdentity) -> detector_pb.DetectorInfo:
    """Return which detector found the faces."""
    return detector_pb.DetectorInfo(name=detector.name, version=detector.version)


def size_message(image: ImageSize) -> detector_pb.ImageSize:
    """Return the picture's size."""
    return detector_pb.ImageSize(width=image.width, height=image.height)


def box_message(box: Box) -> detector_pb.Box:
    """Return a box in pixels."""
    return detector_pb.Box(x=box.x, y=box.y, width=box.width, height=box.height)


def expressions(probabilities: tuple[float, ...], labels: tuple[str, ...]) -> list[pb.Expression]:
    """Return a distribution in the order of the labels."""
    return [
        pb.Expression(label=label, probability=probability)
        for label, probability in zip(labels, probabilities, strict=True)
    ]


def face_message(index: int, face: Face, face_label: FaceLabel, labels: tuple[str, ...]) -> pb.Face:
    """Return the message of one face."""
    return pb.Face(
        index=index,
        box=box_message(face.box),
        landmarks=_landmarks(face.landmarks),
        detection_score=face.detection_score,
        top=pb.Expression(label=face_label.label, probability=face_label.probability),
        expressions=expressions(face.probabilities, labels),
        quality=_quality(face_label.quality),
    )


def _quality(quality: Quality) -> pb.Quality:
    return pb.Quality(
        size_pixels=quality.size_pixels,
        sharpness=quality.sharpness,
        yaw_degrees=quality.yaw_degrees,
        roll_degrees=quality.roll_degrees,
        issues=[_ISSUES[issue] for issue in quality.issues],
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


def explain_response(
    explained: Explained, label_policy: LabelPolicy, request_id: str, overlays: Sequence[bytes]
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
            _face(index, face, overlay, model, label_policy)
            for index, (face, overlay) in enumerate(faces)
        ],
        served_by=explained.served_by,
        detect_ms=explained.detect_seconds * 1000,
        explain_ms=explained.explain_seconds * 1000,
    )


def _face(
    index: int, found: ExplainedFace, overlay: bytes, model: Model, label_policy: LabelPolicy
) -> pb.ExplainedFace:
    face = found.face
    face_label = label_policy.label(face, model.labels)
    return pb.ExplainedFace(
        face=face_message(index, face, face_label, model.labels),
        explained=expressions(face.probabilities, model.labels)[found.explained],
        heat_map=pb.HeatMap(height=model.input.height, width=model.input.width, values=found.heat),
        overlay_png=overlay,
    )
