"""Answers as JSON."""

from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from mien_gateway.analysis.labelling import FaceLabel, LabelledAnalysis, Quality
from mien_gateway.core import Core
from mien_gateway.domain import (
    AnalysisRequest,
    Box,
    DetectorIdentity,
    Face,
    ImageSize,
    Point,
    Timings,
)
from mien_gateway.errors import InvalidRequestError
from mien_gateway.http.bodies import BodyReader, receive_upload
from mien_gateway.http.parameters import Options, caller_deadline, read_options, request_id
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.telemetry.metrics import Observation
from mien_gateway.video.jobs import JobState, VideoJob
from mien_models.registry import ServedModel


def present(labelled: LabelledAnalysis, request_id: str) -> dict[str, Any]:
    """Return the document of an analysis."""
    analysis = labelled.analysis
    labels, findings = analysis.model.model.labels, analysis.findings
    faces = [
        present_face(index, face, face_label, labels)
        for index, (face, face_label) in enumerate(
            zip(findings.faces, labelled.face_labels, strict=True)
        )
    ]
    for face, track in zip(faces, labelled.tracks, strict=False):
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
    index: int, face: Face, face_label: FaceLabel, labels: tuple[str, ...]
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
        "top": {"label": face_label.label, "probability": round(face_label.probability, 6)},
        "probabilities": present_probabilities(face.probabilities, labels),
        "quality": _quality(face_label.quality),
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


def present_job(job: VideoJob) -> dict[str, Any]:
    """Return the document of a job."""
    options = job.options.as_record()
    model = options.pop("model")
    document: dict[str, Any] = {
        "id": job.id,
        "state": job.state.value,
        "progress": round(job.progress, 4),
        "frames": {
            "done": job.frames_done,
            "expected": job.frames_expected,
            "unreadable": job.frames_unreadable,
        },
        "created": _timestamp(job.created),
        "started": _timestamp(job.started),
        "ended": _timestamp(job.ended),
        "model": model,
        "options": options,
        "problem": {"code": job.code, "detail": job.detail} if job.code else None,
        "links": _links(job),
    }
    return document


def _links(job: VideoJob) -> dict[str, str]:
    here = f"/v1/videos/{job.id}"
    links = {"self": here}
    if not job.state.is_final:
        links |= {"events": f"{here}/events", "cancel": f"{here}/cancel"}
    if job.state is JobState.SUCCEEDED:
        for name in ("results.json", "timeline.csv", "subtitles.vtt"):
            links[name.partition(".")[0]] = f"{here}/{name}"
        if job.options.annotate:
            links["annotated"] = f"{here}/annotated.mp4"
    return links


def _timestamp(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def receive_picture(
    request: Request, core: Core, reader: BodyReader, observation: Observation
) -> tuple[AnalysisRequest, Options]:
    """Return what is asked for; the picture is in memory then.

    Raises the CallerError that says what is wrong with the request.
    """
    options = read_options(request)
    deadline = caller_deadline(request, core.request_timeout_seconds)
    core.models.resolve(options.model)  # a wrong name is told before the body is read
    upload = await receive_upload(request, reader, deadline)
    options = replace(options, model=one_name(options.model, upload.model))
    observation.model = core.models.resolve(options.model).name
    asked = AnalysisRequest(
        image=upload.image,
        model=options.model,
        deadline=deadline,
        no_store=options.no_store,
        allow_twin=options.allow_twin,
        caller=request.state.caller.identity,
    )
    return asked, options


def one_name(in_query: str, in_body: str) -> str:
    """Return the model's name wherever it stands.

    Raises InvalidRequestError where two places differ.
    """
    if in_query and in_body and in_query != in_body:
        message = "The query and the body name different models: name it once"
        raise InvalidRequestError(message)
    return in_query or in_body


def answer(
    request: Request,
    document: dict[str, Any],
    timings: dict[str, float] | None = None,
    *,
    encoding_since: float | None = None,
) -> Response:
    """Return a document with the request's id and, where given, its stages' milliseconds.

    `encoding_since` is when the document was begun to be made, by `perf_counter`.
    """
    headers = {HEADER: request_id(request)}
    body = orjson.dumps(document)
    if timings:
        if encoding_since is not None:
            timings = timings | {"encode": milliseconds(perf_counter() - encoding_since)}
        headers["Server-Timing"] = server_timing(timings)
    return Response(body, headers=headers, media_type="application/json")
