"""What the API's description says of /v2."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse

from mien_gateway.http.openapi.operations import ANALYZE, reference


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InferenceError(_Document):
    """An error, in the protocol's form; programs rely on `code`."""

    error: str
    code: str


class ServerMetadata(_Document):
    """The answer of /v2."""

    name: str
    version: str
    extensions: list[str]


class ServerLive(_Document):
    """Whether the process answers."""

    live: bool


class ServerReady(_Document):
    """Whether pictures can be analysed."""

    ready: bool


class ModelReady(_Document):
    """Whether a model can be asked."""

    name: str
    ready: bool


class TensorMetadata(_Document):
    """A tensor without data; -1 stands for any number."""

    name: str
    datatype: Literal["BYTES", "FP32"]
    shape: list[int]


class ModelMetadata(_Document):
    """What goes into a model and what comes out."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class OutputTensor(TensorMetadata):
    """A tensor with its data, row after row."""

    data: list[float] | list[str]


class InferenceAnswer(_Document):
    """The faces of one picture: a row each, largest first."""

    model_name: str
    model_version: str
    id: str
    parameters: dict[str, str]
    outputs: list[OutputTensor]


def request_schema() -> dict[str, Any]:
    """Return the schema of an inference request, as a caller should send it."""
    text = {"type": "string"}
    image = {
        "type": "object",
        "required": ["name", "datatype", "shape", "data"],
        "properties": {
            "name": {"const": "image"},
            "datatype": {"const": "BYTES"},
            "shape": {"type": "array", "items": {"const": 1}, "minItems": 1, "maxItems": 2},
            "data": {"type": "array", "items": text, "minItems": 1, "maxItems": 1},
        },
    }
    parameters = {
        "type": ["object", "null"],
        "properties": {
            "minimum_confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "allow_twin": {"type": "boolean"},
        },
    }
    wanted = {"type": "object", "required": ["name"], "properties": {"name": text}}
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": ["string", "null"]},
            "parameters": parameters,
            "inputs": {"type": "array", "items": image, "minItems": 1, "maxItems": 1},
            "outputs": {"type": ["array", "null"], "items": wanted},
        },
    }


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


SERVER = _call(ServerMetadata, 401, 429, 500)
LIVE = _call(ServerLive)
READY = _state(ServerReady)
METADATA = _call(ModelMetadata, 401, 404, 429, 500)
MODEL_READY = _state(ModelReady, 401, 404, 429, 500)

_INFER = _call(InferenceAnswer, 400, 401, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504)
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


def model_paths(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
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
