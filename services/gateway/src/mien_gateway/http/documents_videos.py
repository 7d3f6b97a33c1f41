"""What the OpenAPI description says of annotated pictures and of videos."""

from typing import Any

from starlette.responses import JSONResponse, Response

from mien_gateway.http import schemas_videos
from mien_gateway.http.documents import ANALYZE, BINARY, body, problems, reference

_TEXT = {"type": "string"}

_FORMAT = {
    "name": "format",
    "in": "query",
    "required": False,
    "description": "What the answer is written as",
    "schema": {"type": "string", "enum": ["jpeg", "png"], "default": "jpeg"},
}

ANNOTATED: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "The picture, with the number of its faces in `X-Mien-Faces`",
            "content": {"image/jpeg": {"schema": BINARY}, "image/png": {"schema": BINARY}},
        },
        **problems(400, 404, 408, 413, 415, 422, 502, 503, 504),
    },
    "openapi_extra": {
        **ANALYZE["openapi_extra"],
        "parameters": [*ANALYZE["openapi_extra"]["parameters"], _FORMAT],
    },
}

_EXAMPLE = {
    "id": "Jq3mB7m0zH1oYx0bq6Jt3o9V5pVhS2aU",
    "state": "RUNNING",
    "progress": 0.35,
    "frames": {"done": 105, "expected": 300, "unreadable": 0},
    "created": "2026-01-31T12:00:00.000Z",
    "started": "2026-01-31T12:00:00.400Z",
    "ended": None,
    "model": "fer2013-squeezenet-pytorch",
    "options": {
        "sample_rate": 5.0,
        "start": 0.0,
        "end": None,
        "annotate": True,
        "smoothing_seconds": None,
    },
    "problem": None,
    "links": {
        "self": "/v1/videos/Jq3mB7m0zH1oYx0bq6Jt3o9V5pVhS2aU",
        "events": "/v1/videos/Jq3mB7m0zH1oYx0bq6Jt3o9V5pVhS2aU/events",
        "cancel": "/v1/videos/Jq3mB7m0zH1oYx0bq6Jt3o9V5pVhS2aU/cancel",
    },
}


def _job() -> dict[str, Any]:
    return {
        "model": schemas_videos.VideoJob,
        "content": {"application/json": {"example": _EXAMPLE}},
    }


def _file(media_type: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "response_class": Response,
        "responses": {
            200: {"description": description, "content": {media_type: {"schema": schema}}},
            **problems(404, 409, 422, 503),
        },
    }


SUBMIT: dict[str, Any] = {
    "response_class": JSONResponse,
    "status_code": 202,
    "responses": {202: _job(), **problems(404, 408, 413, 415, 422, 503)},
    "openapi_extra": {
        "requestBody": body(
            {
                "application/octet-stream": BINARY,
                "video/mp4": BINARY,
                "video/webm": BINARY,
                "multipart/form-data": reference("VideoForm"),
            }
        ),
    },
}

JOB: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _job(), **problems(404, 422, 503)},
}

DELETE: dict[str, Any] = {"response_class": Response, "responses": problems(404, 422, 503)}

EVENTS: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": (
                "Server-sent events: `progress` with the job's document for each change, "
                "`end` with its final state, `gone` when it was deleted"
            ),
            "content": {"text/event-stream": {"schema": _TEXT}},
        },
        **problems(404, 422, 503),
    },
}

RESULTS: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {
        200: {
            "model": schemas_videos.VideoResults,
            "description": "The job, and what was found in each frame",
        },
        **problems(404, 409, 422, 503),
    },
}
CSV = _file("text/csv", "A row per frame and face", _TEXT)
VTT = _file("text/vtt", "WebVTT cues in the time of the video that was sent", _TEXT)
MP4 = _file("video/mp4", "The analysed frames, annotated, from `start` on", BINARY)
