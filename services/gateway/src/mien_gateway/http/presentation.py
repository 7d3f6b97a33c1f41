"""How an analysis looks as JSON.

Probabilities have six decimals, pixels two: no model and no detector knows more.
"""

from typing import Any

from mien_gateway.domain import Analysis, Face, Point, Timings


def present(analysis: Analysis, request_id: str) -> dict[str, Any]:
    """Return the document of an analysis."""
    model, findings = analysis.model, analysis.findings
    return {
        "request_id": request_id,
        "model": {
            "name": model.name,
            "version": model.model.version,
            "framework": model.framework.value,
        },
        "detector": {"name": findings.detector.name, "version": findings.detector.version},
        "image": {"width": findings.image.width, "height": findings.image.height},
        "faces": [
            _face(index, face, model.model.labels) for index, face in enumerate(findings.faces)
        ],
        "cache": analysis.cache.value,
        "served_by": findings.served_by,
        "timings_ms": _milliseconds(analysis.timings),
    }


def server_timing(timings: Timings) -> str:
    """Return the stages as browsers' tools read them."""
    return ", ".join(f"{stage};dur={spent}" for stage, spent in _milliseconds(timings).items())


def _face(index: int, face: Face, labels: tuple[str, ...]) -> dict[str, Any]:
    box, marks = face.box, face.landmarks
    probabilities = [round(value, 6) for value in face.probabilities]
    return {
        "index": index,
        "box": {
            "x": round(box.x, 2),
            "y": round(box.y, 2),
            "width": round(box.width, 2),
            "height": round(box.height, 2),
        },
        "landmarks": {
            "left_eye": _point(marks.left_eye),
            "right_eye": _point(marks.right_eye),
            "nose": _point(marks.nose),
            "left_mouth": _point(marks.left_mouth),
            "right_mouth": _point(marks.right_mouth),
        },
        "detection_score": round(face.detection_score, 4),
        "top": {"label": labels[face.top], "probability": probabilities[face.top]},
        "probabilities": dict(zip(labels, probabilities, strict=True)),
    }


def _point(point: Point) -> dict[str, float]:
    return {"x": round(point.x, 2), "y": round(point.y, 2)}


def _milliseconds(timings: Timings) -> dict[str, float]:
    return {
        "cache": round(timings.cache * 1000, 3),
        "detect": round(timings.detect * 1000, 3),
        "infer": round(timings.infer * 1000, 3),
        "total": round(timings.total * 1000, 3),
    }
