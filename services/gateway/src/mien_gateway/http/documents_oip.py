"""What the OpenAPI description says of the Open Inference Protocol's routes."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse

from mien_gateway.http import schemas_oip as schemas
from mien_gateway.http.documents import ANALYZE, reference

_INFER_EXAMPLE = {
    "model_name": "fer2013-squeezenet-pytorch",
    "model_version": "1",
    "id": "42",
    "parameters": {"served_by": "torchserve", "cache": "miss"},
    "outputs": [
        {"name": "boxes", "datatype": "FP32", "shape": [1, 4], "data": [177.2, 72.5, 93.1, 124.8]},
        {
            "name": "probabilities",
            "datatype": "FP32",
            "shape": [1, 7],
            "data": [0.003, 0.001, 0.004, 0.967, 0.005, 0.009, 0.011],
        },
        {"name": "labels", "datatype": "BYTES", "shape": [1], "data": ["happy"]},
        {
            "name": "classes",
            "datatype": "BYTES",
            "shape": [7],
            "data": ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"],
        },
    ],
}
_REQUEST_EXAMPLE = {
    "id": "42",
    "parameters": {"minimum_confidence": 0.5},
    "inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["/9j/4AAQSkZJRg=="]}],
}


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"$ref": "#/components/responses/InferenceError"} for status in statuses}


def _call(answer: type, *statuses: int) -> dict[str, Any]:
    return {
        "response_class": JSONResponse,
        "responses": {200: {"model": answer}, **_errors(*statuses)},
    }


def _state(answer: type, *statuses: int) -> dict[str, Any]:
    """Describe a question with the answers yes, 200, and no, 503."""
    return {
        "response_class": JSONResponse,
        "responses": {200: {"model": answer}, 503: {"model": answer}, **_errors(*statuses)},
    }


SERVER = _call(schemas.ServerMetadata, 401, 429, 500)
LIVE = _call(schemas.ServerLive)
READY = _state(schemas.ServerReady)
METADATA = _call(schemas.ModelMetadata, 401, 404, 429, 500)
MODEL_READY = _state(schemas.ModelReady, 401, 404, 429, 500)

_INFER = _call(schemas.InferenceAnswer, 400, 401, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504)
_INFER["responses"][200]["content"] = {"application/json": {"example": _INFER_EXAMPLE}}
INFER: dict[str, Any] = {
    **_INFER,
    "openapi_extra": {
        "parameters": [
            one for one in ANALYZE["openapi_extra"]["parameters"] if one["in"] == "header"
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": reference("InferenceRequest"),
                    "example": _REQUEST_EXAMPLE,
                }
            },
        },
    },
}

_NAME = ("name", "A name from /v1/models")
_VERSION = ("version", "The version that is served; others are not found")
_PLACES = {
    "/models/{name}": (_NAME,),
    "/models/{name}/versions/{version}": (_NAME, _VERSION),
}


def places(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each path under which a model is found, with the description of a route there."""
    extra = document.get("openapi_extra", {})
    for place, parameters in _PLACES.items():
        in_path = [_path_parameter(*parameter) for parameter in parameters]
        described = {**extra, "parameters": [*in_path, *extra.get("parameters", ())]}
        yield place, {**document, "openapi_extra": described}


def _path_parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }
