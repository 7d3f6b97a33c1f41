"""TorchServe over gRPC: raw uint8 crops in, raw float32 probabilities out."""

from collections.abc import Sequence

import grpc
import grpc.aio
from google.protobuf.empty_pb2 import Empty
from mien.third_party import torchserve_pb2 as pb
from mien.third_party.torchserve_pb2_grpc import InferenceAPIsServiceStub

from mien_gateway.backends.base import read_probabilities
from mien_gateway.backends.errors import backend_errors
from mien_gateway.backends.served_by import served_by
from mien_gateway.domain import Prediction
from mien_gateway.errors import ModelServerUnavailableError
from mien_gateway.hops import Translation, translated
from mien_models.registry import ServedModel


class TorchServe:
    """The `*-pytorch` models' server."""

    name = "torchserve"

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = InferenceAPIsServiceStub(channel)

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Call Predictions with all faces joined."""
        request = pb.PredictionsRequest(model_name=model.name, input={"data": b"".join(faces)})
        with translated(torchserve_errors(model.name)):
            call = self._stub.Predictions(request, timeout=timeout_seconds)
            response = await call
        return read_probabilities(
            response.prediction,
            faces=len(faces),
            classes=len(model.model.labels),
            server=self.name,
            served_by=await served_by(call, self.name),
        )

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Call Ping; TorchServe says over gRPC only how it is as a whole."""
        del model
        try:
            response = await self._stub.Ping(Empty(), timeout=timeout_seconds)
        except grpc.aio.AioRpcError:
            return False
        return "Healthy" in response.health


def torchserve_errors(model: str) -> Translation:
    """Return the error for every status that a call for `model` may end with."""
    return {
        **backend_errors(TorchServe.name, model),
        # So TorchServe answers while its workers are down, and when its queue is full.
        grpc.StatusCode.INTERNAL: lambda _: ModelServerUnavailableError(TorchServe.name, model),
    }
