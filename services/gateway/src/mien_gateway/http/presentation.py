"""How the domain's values look as JSON.

Probabilities have six decimals, pixels two: no model and no detector knows more.
"""

from typing import Any

from mien_gateway.analysis.judging import Judged, Judgement
from mien_gateway.analysis.quality import Quality
from mien_gateway.domain import Box, DetectorIdentity, Face, ImageSize, Point, Timings
from mien_models.registry import ServedModel


def present(judged: Judged, request_id: str) -> dict[str, Any]:
    """Return the document of an analysis."""
    analysis = judged.analysis
    labels, findings = analysis.model.model.labels, analysis.findings
    faces = [
        present_face(index, face, judgement, labels)
        for index, (face, judgement) in enumerate(
            zip(findings.faces, judged.judgements, strict=True)
        )
    ]
    for face, track in zip(faces, judged.tracks, strict=False):
        face["track"] = track
    return {
        "request_id": request_id,
        "model": present_model(analysis.model),
        "detector": present_detector(findings.detector),
        "image": present_size(findings.image),
        "faces": faces,
        "cache": analysis.cache.value,
        "served_by": findings.served_by,
        "timings_ms": _timings(analysis.timings),
    }


def stages_ms(timings: Timings) -> dict[str, float]:
    """Return everything that was timed, in milliseconds; `decode` to `crop` are in `detect`."""
    steps = timings.within_detect
    return {
        "hash": milliseconds(timings.hash),
        "cache": milliseconds(timings.cache),
        "detect": milliseconds(timings.detect),
        "decode": milliseconds(steps.decode),
        "find": milliseconds(steps.find),
        "crop": milliseconds(steps.crop),
        "infer": milliseconds(timings.infer),
        "total": milliseconds(timings.total),
    }


def server_timing(stages: dict[str, float]) -> str:
    """Return stages in milliseconds as browsers' tools read them."""
    return ", ".join(f"{stage};dur={spent}" for stage, spent in stages.items())


def present_model(served: ServedModel) -> dict[str, Any]:
    """Return which model answered."""
    return {
        "name": served.name,
        "version": served.model.version,
        "framework": served.framework.value,
    }


def present_detector(detector: DetectorIdentity) -> dict[str, str]:
    """Return which detector found the faces."""
    return {"name": detector.name, "version": detector.version}


def present_size(image: ImageSize) -> dict[str, int]:
    """Return the picture's size."""
    return {"width": image.width, "height": image.height}


def present_face(
    index: int, face: Face, judgement: Judgement, labels: tuple[str, ...]
) -> dict[str, Any]:
    """Return the document of one face."""
    marks = face.landmarks
    return {
        "index": index,
        "box": present_box(face.box),
        "landmarks": {
            "left_eye": _point(marks.left_eye),
            "right_eye": _point(marks.right_eye),
            "nose": _point(marks.nose),
            "left_mouth": _point(marks.left_mouth),
            "right_mouth": _point(marks.right_mouth),
        },
        "detection_score": round(face.detection_score, 4),
        "top": {"label": judgement.label, "probability": round(judgement.probability, 6)},
        "probabilities": present_probabilities(face.probabilities, labels),
        "quality": _quality(judgement.quality),
    }


def present_probabilities(
    probabilities: tuple[float, ...], labels: tuple[str, ...]
) -> dict[str, float]:
    """Return a distribution by label."""
    return dict(zip(labels, (round(value, 6) for value in probabilities), strict=True))


def present_box(box: Box) -> dict[str, float]:
    """Return a box in pixels."""
    return {
        "x": round(box.x, 2),
        "y": round(box.y, 2),
        "width": round(box.width, 2),
        "height": round(box.height, 2),
    }


def milliseconds(seconds: float) -> float:
    """Return seconds as milliseconds with three decimals."""
    return round(seconds * 1000, 3)


def _quality(quality: Quality) -> dict[str, Any]:
    return {
        "size_pixels": round(quality.size_pixels, 2),
        "sharpness": round(quality.sharpness, 4),
        "yaw_degrees": round(quality.yaw_degrees, 1),
        "roll_degrees": round(quality.roll_degrees, 1),
        "issues": [issue.value for issue in quality.issues],
    }


def _point(point: Point) -> dict[str, float]:
    return {"x": round(point.x, 2), "y": round(point.y, 2)}


def _timings(timings: Timings) -> dict[str, float]:
    return {
        "cache": milliseconds(timings.cache),
        "detect": milliseconds(timings.detect),
        "infer": milliseconds(timings.infer),
        "total": milliseconds(timings.total),
    }
