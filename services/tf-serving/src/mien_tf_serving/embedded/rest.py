"""The REST face: the URLs and the JSON of TensorFlow Serving."""

import json
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import structlog
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, predict_pb2

from mien_tf_serving.embedded.codes import HTTP_STATUSES
from mien_tf_serving.embedded.core import DEFAULT_SIGNATURE, ServerCore
from mien_tf_serving.embedded.grpc_service import SERVED_BY
from mien_tf_serving.embedded.rest_json import document_from, parse_request, tensors_from
from mien_tf_serving.embedded.tensors import array_from, fill_proto
from mien_tf_serving.errors import Failure, InvalidArgument, ServingError, Unsupported
from mien_tf_serving.flags import Flags

_log = structlog.get_logger(__name__)

_WHICH = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(
    rf"(?i)/v1/models/(?P<name>[^/:]+){_WHICH}:(?P<method>classify|regress|predict)"
)
_STATUS = re.compile(rf"(?i)/v1/models(?:/(?P<name>[^/:]+))?{_WHICH}(?P<metadata>/metadata)?")
_BODY_HEADERS = {b"content-length", b"transfer-encoding"}
_BODY_BYTES = 64 * 1024 * 1024
_DISCARDED_BYTES = 4 * _BODY_BYTES
_DISCARD_SECONDS = 10.0


def create_rest_app(core: ServerCore, flags: Flags, served_by: str) -> Starlette:
    """Return the ASGI application of `/v1/...`."""
    api = RestApi(core)
    limiter = anyio.CapacityLimiter(flags.rest_api_num_threads)
    timeout = flags.rest_api_timeout_in_ms / 1000
    headers = {SERVED_BY: served_by}

    async def answer(request: Request) -> Response:
        deadline = time.monotonic() + timeout
        try:
            body = await _body(request)
            call = partial(api.answer, request.method, request.url.path, body, deadline)
            text = await anyio.to_thread.run_sync(call, limiter=limiter)
        except ServingError as error:
            return _json(_error(str(error)), HTTP_STATUSES[type(error)], headers)
        except Exception:  # noqa: BLE001 - whatever it is, the caller needs an answer
            _log.exception("call_failed")
            text = _error("The embedded server failed; its log says why")
            return _json(text, HTTP_STATUSES[Failure], headers)
        return _json(text, 200, headers)

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=["GET", "POST"])],
        middleware=[Middleware(DiscardMiddleware)],
    )


class DiscardMiddleware:
    """Reads on after a refusal, for callers that read only when they have sent all.

    Were the connection closed at once, they would find it reset instead of the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then discard what is left of the body, within bounds."""
        unread = any(name in _BODY_HEADERS for name, _ in scope["headers"])

        async def receive_noting() -> Message:
            nonlocal unread
            message = await receive()
            unread = message.get("more_body", False)
            return message

        async def discard() -> None:
            left = _DISCARDED_BYTES
            while unread and left > 0:
                left -= len((await receive_noting()).get("body", b""))

        async def send_and_discard(message: Message) -> None:
            if unread and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif unread and not message.get("more_body", False):
                await send({**message, "more_body": True})
                with anyio.move_on_after(_DISCARD_SECONDS):
                    await discard()
                message = {"type": "http.response.body"}
            await send(message)

        await self._app(scope, receive_noting, send_and_discard)


class RestApi:
    """The calls behind the URLs; knows no HTTP library."""

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    def answer(self, method: str, path: str, body: bytes, deadline: float) -> str:
        """Return the JSON text of a successful answer.

        Raises:
            ServingError: for everything else.
        """
        if method == "POST" and (found := _PREDICT.fullmatch(path)):
            if found["method"].lower() != "predict":
                message = f"{found['method']} is not implemented by the embedded server"
                raise Unsupported(message)
            return self._predict(found, body, deadline)
        if method == "GET" and (found := _STATUS.fullmatch(path)):
            if not found["name"]:
                message = "Missing model name in request."
                raise InvalidArgument(message)
            return self._metadata(found) if found["metadata"] else self._status(found)
        message = f"Malformed request: {method} {path}"
        raise InvalidArgument(message)

    def _predict(self, found: re.Match[str], body: bytes, deadline: float) -> str:
        document = parse_request(body)
        request = predict_pb2.PredictRequest()
        _fill_spec(request.model_spec, found)
        number, bundle = self._core.find(request.model_spec)
        name = document.get("signature_name") or DEFAULT_SIGNATURE
        if name not in bundle.signatures:
            message = f'Serving signature name: "{name}" not found in signature def'
            raise InvalidArgument(message)
        # The version is fixed now: the inputs were read by its signature.
        request.model_spec.version.value = number
        request.model_spec.signature_name = name
        format_, tensors = tensors_from(document, bundle.signatures[name].inputs)
        for alias, array in tensors.items():
            fill_proto(request.inputs[alias], array)
        response = self._core.predict(request, deadline)
        outputs = {
            alias: array_from(response.outputs[alias], alias) for alias in sorted(response.outputs)
        }
        return _dumps(document_from(outputs, format_))

    def _status(self, found: re.Match[str]) -> str:
        request = get_model_status_pb2.GetModelStatusRequest()
        _fill_spec(request.model_spec, found)
        return _dumps(_plain(self._core.status(request)))

    def _metadata(self, found: re.Match[str]) -> str:
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        _fill_spec(request.model_spec, found)
        response = self._core.metadata(request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return _dumps(
            {
                "model_spec": _plain(response.model_spec),
                "metadata": {"signature_def": _plain(signatures)},
            }
        )


async def _body(request: Request) -> bytes:
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > _BODY_BYTES:
            message = f"The request body is larger than {_BODY_BYTES} bytes"
            raise InvalidArgument(message)
    return bytes(parts)


def _fill_spec(spec: Any, found: re.Match[str]) -> None:
    spec.name = found["name"]
    if found["version"]:
        try:
            spec.version.value = int(found["version"])
        except ValueError as error:
            message = f"Failed to convert version: {found['version']} to numeric."
            raise InvalidArgument(message) from error
    elif found["label"]:
        spec.version_label = found["label"]


def _plain(message: Any) -> Any:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


_dumps: Callable[[Any], str] = partial(json.dumps, indent=4)


def _error(message: str) -> str:
    return json.dumps({"error": message})


def _json(text: str, status: int, headers: dict[str, str]) -> Response:
    return Response(text, status, {**headers, "content-type": "application/json"})
