"""/v2: the Open Inference Protocol over REST."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.domain import AnalysisRequest, Deadline
from mien_gateway.errors import EmptyImageError, InvalidRequestError, UnknownModelError
from mien_gateway.http.bodies import BodyReader, check_values, decode_image, media_type_of, parsed
from mien_gateway.http.openapi import open_inference
from mien_gateway.http.parameters import caller_deadline, no_store, request_id, while_connected
from mien_gateway.http.paths import OIP, OIP_LIVE, OIP_READY
from mien_gateway.http.serialization import answer, present
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


Endpoint = Callable[[Request], Awaitable[Response]]


def add_route(
    router: APIRouter, method: str, suffix: str, endpoint: Endpoint, document: dict[str, Any]
) -> None:
    """Add a route about a model, with and without the version in its path."""
    for place, described in open_inference.model_paths(document):
        name = endpoint.__name__
        if "{version}" in place:
            name = name.replace("model_", "model_version_")
        path = f"{OIP}{place}{suffix}"
        router.add_api_route(path, endpoint, name=name, methods=[method], **described)


def asked_model(request: Request, core: Core) -> ServedModel:
    """Return the model that the path names.

    Raises UnknownModelError where it, or this version of it, is not served.
    """
    served = core.models.resolve(request.path_params["name"])
    current = str(served.model.version)
    version = request.path_params.get("version", current)
    if version != current:
        name = f"{served.name}/versions/"
        raise UnknownModelError(name + version, (name + current,))
    return served


# The sign of the extension in which tensors follow the JSON as they are.
_BINARY_HEADER = "Inference-Header-Content-Length"
# Some clients count a batch's dimension and that of its elements.
_MOST_VALUES = 100_000  # of a picture's pixels, which are refused with a better reason
_ONE = ([1], [1, 1])


class _Part(BaseModel):
    """Of a request; fields that are not known belong to extensions and are left alone."""

    model_config = ConfigDict(strict=True)


class _Parameters(_Part):
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    allow_twin: bool = False


class _Input(_Part):
    name: str
    datatype: str
    shape: list[int]
    data: list[Any]


class _Output(_Part):
    name: str


class _Body(_Part):
    id: str | None = None
    parameters: _Parameters | None = None
    inputs: list[_Input]
    outputs: list[_Output] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """A request, read."""

    image: bytes
    identifier: str
    """The caller's own name for the request, or empty."""
    minimum_confidence: float | None
    allow_twin: bool
    outputs: tuple[str, ...]
    """Names of the tensors wanted."""


async def receive_inference(request: Request, reader: BodyReader, deadline: Deadline) -> Inference:
    """Return what is asked for; the picture is in memory then.

    Raises the CallerError that says what is wrong with the request.
    """
    media_type_of(request)  # refuses a body that is packed; clients do not agree on its type
    if _BINARY_HEADER in request.headers:
        message = (
            f"`{_BINARY_HEADER}`: tensors as binary data are not supported, send the picture "
            "in base64 as JSON (in tritonclient and kserve: binary_data=False)"
        )
        raise InvalidRequestError(message)
    return await parsed(await reader.read(request, reader.limits.json, deadline), _inference)


def _inference(content: bytes) -> Inference:
    body = _parse(content)
    parameters = body.parameters or _Parameters()
    return Inference(
        image=_picture(body.inputs),
        identifier=body.id or "",
        minimum_confidence=parameters.minimum_confidence,
        allow_twin=parameters.allow_twin,
        outputs=_wanted(body.outputs),
    )


def _parse(body: bytes) -> _Body:
    if not body:
        raise EmptyImageError
    check_values(body, _MOST_VALUES)
    try:
        return _Body.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        message = f"{place}: {first['msg']}"
        raise InvalidRequestError(message) from error


def _picture(inputs: list[_Input]) -> bytes:
    if [one.name for one in inputs] != [IMAGE]:
        message = f"Send one input, called `{IMAGE}`"
        raise InvalidRequestError(message)
    (given,) = inputs
    if given.datatype != "BYTES":
        message = f"`{IMAGE}` must be BYTES, a picture's file in base64, not {given.datatype[:16]}"
        raise InvalidRequestError(message)
    texts = [text for row in given.data for text in (row if isinstance(row, list) else [row])]
    if len(texts) > 1 or max(given.shape, default=0) > 1:
        message = (
            f"`{IMAGE}` holds one picture, with the shape [1]: several in one request go to "
            "/v1/analyze/batch"
        )
        raise InvalidRequestError(message)
    if given.shape not in _ONE or not _is_text(texts):
        message = f"`{IMAGE}` must be BYTES with the shape [1]; its data is one text in base64"
        raise InvalidRequestError(message)
    return decode_image(texts[0], IMAGE)


def _is_text(values: list[Any]) -> bool:
    return len(values) == 1 and isinstance(values[0], str)


def _wanted(outputs: list[_Output] | None) -> tuple[str, ...]:
    """Return the names asked for, or all."""
    names = tuple(one.name for one in outputs or ()) or OUTPUTS
    if not set(names) <= set(OUTPUTS):
        message = f"`outputs`: there are {', '.join(OUTPUTS)}, and no others"
        raise InvalidRequestError(message)
    return names


def add_infer(router: APIRouter, core: Core, reader: BodyReader) -> None:
    """Add the route."""

    async def model_infer(request: Request) -> Response:
        """Find the faces of one picture and recognise what each expresses.

        The input `image` is the picture in base64; each output has a row per face, largest
        first, and none where there is no face.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            model = asked_model(request, core).name
            observation.model = model
            deadline = caller_deadline(request, core.request_timeout_seconds)
            inference = await receive_inference(request, reader, deadline)
            asked = AnalysisRequest(
                image=inference.image,
                model=model,
                deadline=deadline,
                no_store=no_store(request),
                allow_twin=inference.allow_twin,
                caller=request.state.caller.identity,
            )
            analysis = await while_connected(request, core.analyzer.analyze(asked))
            labelled = core.labelled(analysis, inference.minimum_confidence)
        document = present(labelled, request_id(request))
        tensors = present_inference(
            document, analysis.model, inference.identifier, inference.outputs
        )
        return answer(request, tensors, document["timings_ms"])

    add_route(router, "POST", "/infer", model_infer, open_inference.INFER)


def oip_router(core: Core, reader: BodyReader) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["open inference protocol"])
    _add_server(router, core)
    _add_models(router, core)
    add_infer(router, core, reader)
    return router


def _add_server(router: APIRouter, core: Core) -> None:
    @router.get(OIP, **open_inference.SERVER)
    async def server_metadata(request: Request) -> Response:
        """Say who answers."""
        return answer(request, {"name": "mien", "version": request.app.version, "extensions": []})

    @router.get(OIP_LIVE, **open_inference.LIVE)
    async def server_live() -> Response:
        """Say that this process answers, as /healthz does."""
        return _state({"live": True}, good=True)

    @router.get(OIP_READY, **open_inference.READY)
    async def server_ready() -> Response:
        """Say whether pictures can be analysed, as /readyz does."""
        ready = (await core.monitor.report()).ready
        return _state({"ready": ready}, good=ready)


def _add_models(router: APIRouter, core: Core) -> None:
    async def model_metadata(request: Request) -> Response:
        """Describe a model's input and outputs."""
        return answer(request, present_metadata(asked_model(request, core)))

    async def model_ready(request: Request) -> Response:
        """Say whether the model's server has it ready."""
        name = asked_model(request, core).name
        ready = (await core.monitor.report()).models.get(name, False)
        return _state({"name": name, "ready": ready}, good=ready)

    add_route(router, "GET", "", model_metadata, open_inference.METADATA)
    add_route(router, "GET", "/ready", model_ready, open_inference.MODEL_READY)


def _state(document: dict[str, Any], *, good: bool) -> Response:
    return Response(
        orjson.dumps(document),
        status_code=200 if good else 503,
        media_type="application/json",
    )
