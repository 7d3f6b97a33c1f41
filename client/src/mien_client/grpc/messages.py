"""Mien's messages as the values of `types`."""

from collections.abc import Iterable
from typing import Any

from mien.v1 import emotion_pb2 as pb
from mien.v1 import face_detector_pb2 as detector_pb

from mien_client import types

_CACHE = {
    pb.CACHE_STATUS_HIT: "hit",
    pb.CACHE_STATUS_MISS: "miss",
    pb.CACHE_STATUS_BYPASS: "bypass",
}
_ISSUES = {
    pb.QUALITY_ISSUE_TOO_SMALL: "too_small",
    pb.QUALITY_ISSUE_BLURRED: "blurred",
    pb.QUALITY_ISSUE_TURNED: "turned",
}


def analysis(message: pb.AnalyzeResponse) -> types.Analysis:
    """Read the analysis of a picture or a frame."""
    timings = message.timings
    return types.Analysis(
        request_id=message.request_id,
        model=_model_ref(message.model),
        detector=_detector(message.detector),
        image=_size(message.image),
        faces=tuple(types.Face(**_face(face)) for face in message.faces),
        cache=_CACHE.get(message.cache, ""),
        served_by=message.served_by,
        timings_ms={
            "cache": timings.cache_ms,
            "detect": timings.detect_ms,
            "infer": timings.infer_ms,
            "total": timings.total_ms,
        },
    )


def comparison(message: pb.CompareResponse) -> types.Comparison:
    """Read a comparison."""
    models = tuple(
        types.ComparedModel(
            name=one.model.name,
            version=one.model.version,
            framework=one.model.framework,
            served_by=one.served_by,
            infer_ms=one.infer_ms,
        )
        for one in message.models
    )
    frameworks = [model.framework for model in models]
    return types.Comparison(
        request_id=message.request_id,
        detector=_detector(message.detector),
        image=_size(message.image),
        models=models,
        faces=tuple(_compared_face(face, frameworks) for face in message.faces),
        largest_difference=message.largest_difference,
        timings_ms={
            "detect": message.detect_ms,
            **{f"infer_{model.framework}": model.infer_ms for model in models},
        },
    )


def explanation(message: pb.ExplainResponse) -> types.Explanation:
    """Read an explanation."""
    return types.Explanation(
        request_id=message.request_id,
        model=_model_ref(message.model),
        detector=_detector(message.detector),
        image=_size(message.image),
        faces=tuple(map(_explained_face, message.faces)),
        served_by=message.served_by,
        timings_ms={"detect": message.detect_ms, "explain": message.explain_ms},
    )


def model(message: pb.ModelInfo) -> types.Model:
    """Read a model's description."""
    shape = message.input
    return types.Model(
        name=message.name,
        version=message.version,
        framework=message.framework,
        architecture=message.architecture,
        dataset=message.dataset,
        labels=tuple(message.labels),
        input=types.CropShape(shape.height, shape.width, shape.channels),
        licence=message.licence,
        # A map of protobuf's has no order.
        metrics=dict(sorted(message.metrics.items())),
        default=message.default,
    )


def _face(message: pb.Face) -> dict[str, Any]:
    marks = message.landmarks
    return {
        "index": message.index,
        "box": _box(message.box),
        "landmarks": types.Landmarks(
            left_eye=_point(marks.left_eye),
            right_eye=_point(marks.right_eye),
            nose=_point(marks.nose),
            left_mouth=_point(marks.left_mouth),
            right_mouth=_point(marks.right_mouth),
        ),
        "detection_score": message.detection_score,
        "top": _expression(message.top),
        "probabilities": _probabilities(message.expressions),
        "quality": _quality(message.quality),
        "track": message.track or None,
    }


def _quality(message: pb.Quality) -> types.Quality:
    return types.Quality(
        size_pixels=message.size_pixels,
        sharpness=message.sharpness,
        yaw_degrees=message.yaw_degrees,
        roll_degrees=message.roll_degrees,
        issues=tuple(_ISSUES[issue] for issue in message.issues if issue in _ISSUES),
    )


def _compared_face(message: pb.ComparedFace, frameworks: list[str]) -> types.ComparedFace:
    answers = {
        framework: types.Distribution(_expression(one.top), _probabilities(one.expressions))
        for framework, one in zip(frameworks, message.distributions, strict=False)
    }
    return types.ComparedFace(message.index, _box(message.box), answers, message.largest_difference)


def _explained_face(message: pb.ExplainedFace) -> types.ExplainedFace:
    heat = message.heat_map
    rows = tuple(
        tuple(heat.values[start : start + heat.width])
        for start in range(0, heat.height * heat.width, heat.width or 1)
    )
    return types.ExplainedFace(
        **_face(message.face),
        explained=_expression(message.explained),
        heat_map=types.HeatMap(heat.height, heat.width, rows),
        overlay_png=message.overlay_png,
    )


def _model_ref(message: pb.ModelRef) -> types.ModelRef:
    return types.ModelRef(message.name, message.version, message.framework)


def _detector(message: detector_pb.DetectorInfo) -> types.Detector:
    return types.Detector(message.name, message.version)


def _size(message: detector_pb.ImageSize) -> types.ImageSize:
    return types.ImageSize(message.width, message.height)


def _box(message: detector_pb.Box) -> types.Box:
    return types.Box(message.x, message.y, message.width, message.height)


def _point(message: detector_pb.Point) -> types.Point:
    return types.Point(message.x, message.y)


def _expression(message: pb.Expression) -> types.Expression:
    return types.Expression(message.label, message.probability)


def _probabilities(messages: Iterable[pb.Expression]) -> types.Probabilities:
    return {one.label: one.probability for one in messages}
