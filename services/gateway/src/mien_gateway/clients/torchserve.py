"""TorchServe: raw uint8 crops in, raw float32 values out.

Predictions go over gRPC; the explanations API exists over REST alone.
"""

import asyncio
import sys
from array import array
from collections.abc import Sequence

import grpc
import grpc.aio
import httpx
from google.protobuf.empty_pb2 import Empty
from mien.third_party import torchserve_pb2 as pb
from mien.third_party.torchserve_pb2_grpc import InferenceAPIsServiceStub

from mien_gateway.clients.channel import ErrorMap, map_errors
from mien_gateway.clients.model_server import (
    backend_errors,
    busy,
    check_explanations,
    check_probabilities,
    is_busy,
    read_floats,
    read_probabilities,
    served_by,
)
from mien_gateway.domain import Explanation, Prediction
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    GatewayError,
    ModelServerUnavailableError,
)
from mien_gateway.telemetry.tracing import outgoing
from mien_models.registry import ServedModel

SERVER = "torchserve"

# So TorchServe answers while a model's workers are down, and for a model that it has not, or not
# yet, loaded.
_AWAY = (404, 429, 500, 503, 507)


class TorchServe:
    """The `*-pytorch` models' server."""

    def __init__(
        self, channel: grpc.aio.Channel, rest: httpx.AsyncClient, name: str = SERVER
    ) -> None:
        self.name = name
        self._stub = InferenceAPIsServiceStub(channel)
        self._rest = rest

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Call Predictions with all faces joined."""
        request = pb.PredictionsRequest(
            model_name=model.name,
            # Named, so that an answer is told, and kept, as that version's.
            model_version=str(model.model.version),
            input={"data": b"".join(faces)},
        )
        with map_errors(torchserve_errors(self.name, model.name)):
            call = self._stub.Predictions(request, timeout=timeout_seconds, metadata=outgoing())
            response = await call
        return read_probabilities(
            response.prediction,
            faces=len(faces),
            classes=len(model.model.labels),
            server=self.name,
            served_by=await served_by(call, SERVER),
        )

    async def explain(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> list[Explanation]:
        """Post to the explanations API: probabilities come first, then the maps."""
        raw = await self._post_explanations(model, faces, classes, timeout_seconds)
        labels, shape = len(model.model.labels), model.model.input
        pixels = shape.height * shape.width
        values = read_floats(raw, len(faces) * (labels + pixels), self.name)
        split = len(faces) * labels
        predictions = check_probabilities(
            values[:split], classes=labels, server=self.name, served_by=SERVER
        )
        return check_explanations(predictions, values[split:], pixels=pixels, server=self.name)

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Call Ping; TorchServe says over gRPC only how it is as a whole."""
        del model
        try:
            response = await self._stub.Ping(Empty(), timeout=timeout_seconds)
        except grpc.aio.AioRpcError:
            return False
        return "Healthy" in response.health

    async def serves(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Ask for an empty face: TorchServe tells nobody but its operator what it has."""
        try:
            await self.predict(model, [bytes(model.model.input.size_bytes)], timeout_seconds)
        except GatewayError:
            return False
        return True

    async def _post_explanations(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> bytes:
        form = {"data": b"".join(faces), "classes": _int64(classes)}
        try:
            # httpx's own timeouts are of each step, and of each read.
            async with asyncio.timeout(timeout_seconds):
                response = await self._rest.post(
                    f"/explanations/{model.name}/{model.model.version}", files=form, timeout=None
                )
        except TimeoutError as error:
            waiting_for = f"the model server {self.name}"
            raise DeadlineExceededError(waiting_for) from error
        except httpx.HTTPError as error:
            raise ModelServerUnavailableError(self.name, model.name) from error
        if response.status_code in _AWAY and is_busy(response.text):
            raise busy(self.name)
        if response.status_code in _AWAY:
            raise ModelServerUnavailableError(self.name, model.name)
        if response.status_code != httpx.codes.OK:
            reason = f"explanations: {response.status_code}"
            raise BadModelAnswerError(self.name, reason)
        return response.content


def torchserve_errors(server: str, model: str) -> ErrorMap:
    """Return the error for every status that a call for `model` may end with."""
    errors = backend_errors(server, model)
    # So TorchServe answers while its workers are down, and when its queue is full.
    return {**errors, grpc.StatusCode.INTERNAL: errors[grpc.StatusCode.UNAVAILABLE]}


def _int64(values: Sequence[int]) -> bytes:
    numbers = array("q", values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
