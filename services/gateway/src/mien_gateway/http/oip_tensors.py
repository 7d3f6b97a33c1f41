"""Models and analyses as the Open Inference Protocol words them: as tensors."""

from collections.abc import Collection
from itertools import chain
from typing import Any

from mien_models.registry import Framework, Model, ServedModel

IMAGE = "image"
"""The name of the one input."""
_DATATYPES = {"boxes": "FP32", "probabilities": "FP32", "labels": "BYTES", "classes": "BYTES"}
OUTPUTS = tuple(_DATATYPES)
"""The names of the outputs."""

_ANY_NUMBER = -1
_PLATFORMS = {
    Framework.PYTORCH: "pytorch_torchscript",
    Framework.TENSORFLOW: "tensorflow_savedmodel",
}


def present_metadata(served: ServedModel) -> dict[str, Any]:
    """Return what goes into a model and what comes out of it."""
    return {
        "name": served.name,
        "versions": [str(served.model.version)],
        "platform": _PLATFORMS[served.framework],
        "inputs": [{"name": IMAGE, "datatype": "BYTES", "shape": [1]}],
        "outputs": [_head(name, served.model, _ANY_NUMBER) for name in OUTPUTS],
    }


def present_inference(
    document: dict[str, Any], served: ServedModel, identifier: str, outputs: Collection[str]
) -> dict[str, Any]:
    """Return the document of an analysis as tensors, those whose names are given.

    The request's id stands in for one that the caller did not give: some clients need one.
    """
    faces, model = document["faces"], served.model
    return {
        "model_name": served.name,
        "model_version": str(model.version),
        "id": identifier or document["request_id"],
        "parameters": {"served_by": document["served_by"], "cache": document["cache"]},
        "outputs": [
            {**_head(name, model, len(faces)), "data": _data(name, faces, model)}
            for name in OUTPUTS
            if name in outputs
        ],
    }


def _head(name: str, model: Model, faces: int) -> dict[str, Any]:
    """Return all of a tensor but its data."""
    classes = len(model.labels)
    shapes = {
        "boxes": [faces, 4],
        "probabilities": [faces, classes],
        "labels": [faces],
        "classes": [classes],
    }
    return {"name": name, "datatype": _DATATYPES[name], "shape": shapes[name]}


def _data(name: str, faces: list[dict[str, Any]], model: Model) -> list[Any]:
    """Return a tensor's data, row after row in one list."""
    if name == "classes":
        return list(model.labels)
    if name == "labels":
        return [face["top"]["label"] for face in faces]
    field = {"boxes": "box", "probabilities": "probabilities"}[name]
    return list(chain.from_iterable(face[field].values() for face in faces))
