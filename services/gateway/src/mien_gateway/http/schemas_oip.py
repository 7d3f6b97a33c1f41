"""The shapes of the Open Inference Protocol's documents, for the API's description."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


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
