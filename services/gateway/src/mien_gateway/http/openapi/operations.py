"""What the API's description says of each operation under /v1."""

from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from mien_gateway.http.openapi import schemas
from mien_gateway.http.openapi.examples import ANALYSIS_EXAMPLE
from mien_gateway.http.parameters import SHORTEST_SECONDS
from mien_gateway.sessions import CURSOR_PATTERN, END_OF_TIME, SESSION_PATTERN

BINARY = {"type": "string", "format": "binary"}


def reference(name: str) -> dict[str, str]:
    """Return where the document has a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(forms: dict[str, Any]) -> dict[str, Any]:
    """Return what a route takes: schemas by media type, any one of them."""
    content = {media_type: {"schema": schema} for media_type, schema in forms.items()}
    return {"required": True, "content": content}


def _answer(model: type, example: Any = None) -> dict[str, Any]:
    content: dict[str, Any] = {"example": example} if example else {}
    return {"model": model, "content": {"application/json": content}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return a route's problem documents by status, with those that every route has."""
    problem = {"$ref": "#/components/responses/Problem"}
    return dict.fromkeys(sorted({*statuses, 401, 429, 500}), problem)


def _header(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


_CALLER_HEADERS = [
    _header("Cache-Control", "`no-store`: neither look the answer up nor keep it"),
    _header("X-Request-Id", "The request's id; one is made where none is given"),
    {
        **_header("X-Request-Timeout", "Seconds after which the answer is of no use any more"),
        "schema": {"type": "number", "minimum": SHORTEST_SECONDS},
    },
]


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


_MODEL = _query("model", "A name from /v1/models; without it, the default", {"type": "string"})
_ALLOW_TWIN = _query(
    "allow_twin",
    "Let the twin in the other framework answer if the model's server is away",
    {"type": "boolean"},
)
_SESSION = _query(
    "session",
    "Keep the expressions under this id, for /v1/sessions/{id}/timeline",
    {"type": "string", "pattern": SESSION_PATTERN},
)
_MINIMUM_CONFIDENCE = _query(
    "minimum_confidence",
    "Below it a face's top label is `uncertain`",
    {"type": "number", "minimum": 0, "maximum": 1},
)
_JSON_PICTURE = {"type": "string", "minLength": 1, "description": "Base64 or a data URL"}

_JSON_MODEL = {"type": ["string", "null"]}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [required], "properties": properties}


REQUESTS = {
    "PictureForm": _object("image", image=BINARY, model={"type": "string"}),
    "PictureJson": _object("image", image=_JSON_PICTURE, model=_JSON_MODEL),
    "BatchForm": _object(
        "images",
        images={"type": "array", "minItems": 1, "items": BINARY},
        model={"type": "string"},
    ),
    "BatchJson": _object(
        "images",
        images={
            "type": "array",
            "minItems": 1,
            "items": {"oneOf": [_JSON_PICTURE, reference("NamedPicture")]},
        },
        model=_JSON_MODEL,
    ),
    "NamedPicture": _object("image", id={"type": "string"}, image=_JSON_PICTURE),
    "EmotionRequest": _object("image_data", image_data=_JSON_PICTURE, model_name=_JSON_MODEL),
    "VideoForm": _object("video", video=BINARY),
}
"""Schemas of bodies, by name."""

# Some generators of clients make their call from the first form, and send JSON where they can.
_ONE_PICTURE = body(
    {
        "application/json": reference("PictureJson"),
        "application/octet-stream": BINARY,
        "image/jpeg": BINARY,
        "image/png": BINARY,
        "image/webp": BINARY,
        "image/bmp": BINARY,
        "multipart/form-data": reference("PictureForm"),
    }
)
_MANY_PICTURES = body(
    {"application/json": reference("BatchJson"), "multipart/form-data": reference("BatchForm")}
)

_PICTURE_FAULTS = (400, 404, 408, 413, 415, 422, 502, 503, 504)


def _picture_call(
    model: type, *parameters: dict[str, Any], request: Any = _ONE_PICTURE, example: Any = None
) -> dict[str, Any]:
    """Describe a route that takes one picture, or what `request` says."""
    return {
        "response_class": JSONResponse,
        "responses": {
            200: _answer(model, example),
            **problems(*_PICTURE_FAULTS),
        },
        "openapi_extra": {
            "parameters": [*parameters, *_CALLER_HEADERS],
            "requestBody": request,
        },
    }


ANALYZE = _picture_call(
    schemas.Analysis, _MODEL, _ALLOW_TWIN, _MINIMUM_CONFIDENCE, _SESSION, example=ANALYSIS_EXAMPLE
)
BATCH = _picture_call(
    schemas.Batch, _MODEL, _ALLOW_TWIN, _MINIMUM_CONFIDENCE, request=_MANY_PICTURES
)
COMPARE = _picture_call(schemas.Comparison, _MODEL)
EXPLAIN = _picture_call(
    schemas.Explanation,
    _MODEL,
    _ALLOW_TWIN,
    _MINIMUM_CONFIDENCE,
    _query(
        "label", "The expression to explain; without it, each face's top one", {"type": "string"}
    ),
    _query("overlay", "Also give each face under its map as a PNG", {"type": "boolean"}),
)

_MOMENT = {"type": "number", "minimum": 0, "maximum": END_OF_TIME}
# A string for both: generators of clients make something odd of two types.
_START = {"type": "string", "pattern": rf"^([0-9]{{1,12}}(\.[0-9]{{1,6}})?|{CURSOR_PATTERN})$"}

TIMELINE: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _answer(schemas.Timeline), **problems(404, 422, 503)},
    "openapi_extra": {
        "parameters": [
            _query("start", "Seconds since 1970, or `next` of the page before", _START),
            _query("end", "Seconds since 1970", _MOMENT),
            _query("limit", "Entries", {"type": "integer", "minimum": 1, "maximum": 5000}),
        ]
    },
}

FORGET_TIMELINE: dict[str, Any] = {
    "status_code": 204,
    "responses": {204: {"description": "Forgotten"}, **problems(404, 422, 503)},
}

PREDICT_EMOTION: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {
        200: _answer(schemas.Emotion, {"emotion": "happy", "confidence": 0.967}),
        **problems(400),
    },
    "openapi_extra": {
        "parameters": _CALLER_HEADERS,
        "requestBody": body({"application/json": reference("EmotionRequest")}),
    },
}

MODELS: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _answer(schemas.ModelList), **problems()},
}

MODEL: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _answer(schemas.Model), **problems(404, 422)},
}

CARD: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The model's card",
            "content": {"text/markdown": {"schema": {"type": "string"}}},
        },
        **problems(404, 422),
    },
    "response_class": Response,
}

HEALTHZ: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _answer(schemas.Liveness)},
}

READYZ: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": {200: _answer(schemas.Readiness), 503: _answer(schemas.Readiness)},
}

METRICS: dict[str, Any] = {
    "response_class": PlainTextResponse,
    "responses": {200: {"description": "The text exposition format"}},
}

NOTICE: dict[str, Any] = {
    "responses": {
        200: {
            "model": schemas.Notice,
            "description": "The notice, in the form and the language that the caller likes best",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "text/html": {"schema": {"type": "string"}},
            },
        }
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "lang",
                "in": "query",
                "required": False,
                "description": "`en` or `de`; without it, Accept-Language decides",
                "schema": {"type": "string"},
            }
        ]
    },
}


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
        "model": schemas.VideoJob,
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
            "model": schemas.VideoResults,
            "description": "The job, and what was found in each frame",
        },
        **problems(404, 409, 422, 503),
    },
}
CSV = _file("text/csv", "A row per frame and face", _TEXT)
VTT = _file("text/vtt", "WebVTT cues in the time of the video that was sent", _TEXT)
MP4 = _file("video/mp4", "The analysed frames, annotated, from `start` on", BINARY)
