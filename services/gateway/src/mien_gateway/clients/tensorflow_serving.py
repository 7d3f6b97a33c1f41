"""Between the gateway's words and the tensors of TensorFlow's contract."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import grpc.aio
from mien.third_party import tfserving_pb2 as pb

from mien_gateway.clients.channel import map_errors
from mien_gateway.clients.model_server import (
    backend_errors,
    check_explanations,
    check_probabilities,
    is_busy,
    read_floats,
    served_by,
)
from mien_gateway.domain import Deadline, Explanation, Prediction
from mien_gateway.errors import BadModelAnswerError
from mien_gateway.telemetry.tracing import outgoing
from mien_models.registry import InputShape, ServedModel


def faces_tensor(faces: Sequence[bytes], shape: InputShape) -> pb.TensorProto:
    """Return uint8 [N, height, width, channels]."""
    sizes = (len(faces), shape.height, shape.width, shape.channels)
    return _tensor(pb.DT_UINT8, sizes, b"".join(faces))


def classes_tensor(classes: Sequence[int]) -> pb.TensorProto:
    """Return int64 [N]."""
    raw = b"".join(one.to_bytes(8, "little", signed=True) for one in classes)
    return _tensor(pb.DT_INT64, (len(classes),), raw)


def floats_of(tensor: pb.TensorProto, shape: tuple[int, ...], server: str) -> Sequence[float]:
    """Return the values of a float32 tensor, row by row, in whichever form they came.

    Raises BadModelAnswerError where it has another type or shape.
    """
    found = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.dtype != pb.DT_FLOAT or found != shape:
        reason = f"a tensor of type {tensor.dtype} and shape {list(found)}"
        raise BadModelAnswerError(server, reason)
    number = 1
    for size in shape:
        number *= size
    if tensor.tensor_content or not tensor.float_val:
        return read_floats(tensor.tensor_content, number, server)
    if len(tensor.float_val) != number:
        reason = f"{len(tensor.float_val)} values in a tensor of shape {list(found)}"
        raise BadModelAnswerError(server, reason)
    return tensor.float_val


def _tensor(dtype: pb.DataType.ValueType, sizes: Sequence[int], content: bytes) -> pb.TensorProto:
    dims = [pb.TensorShapeProto.Dim(size=size) for size in sizes]
    return pb.TensorProto(
        dtype=dtype, tensor_shape=pb.TensorShapeProto(dim=dims), tensor_content=content
    )


SERVER = "tensorflow-serving"

PREDICT = "/tensorflow.serving.PredictionService/Predict"
GET_MODEL_STATUS = "/tensorflow.serving.ModelService/GetModelStatus"

SIGNATURE = "serving_default"
EXPLAIN_SIGNATURE = "gradcam"
INPUT = "faces"
CLASSES = "classes"
OUTPUT = "probabilities"
HEAT = "heat"

# Before a second and a third call; the circuit breaker ends retries of a server that stays away.
_RETRY_PAUSES_SECONDS = (0.02, 0.04)


class TensorFlowServing:
    """The `*-tensorflow` models' server, or what stands in for it on the same wire."""

    def __init__(self, channel: grpc.aio.Channel, name: str = SERVER) -> None:
        self.name = name
        self._predict = channel.unary_unary(
            PREDICT,
            request_serializer=pb.PredictRequest.SerializeToString,
            response_deserializer=pb.PredictResponse.FromString,
        )
        self._get_model_status = channel.unary_unary(
            GET_MODEL_STATUS,
            request_serializer=pb.GetModelStatusRequest.SerializeToString,
            response_deserializer=pb.GetModelStatusResponse.FromString,
        )

    async def predict(
        self, model: ServedModel, faces: Sequence[bytes], timeout_seconds: float
    ) -> list[Prediction]:
        """Call Predict with all faces in one tensor."""
        inputs = {INPUT: faces_tensor(faces, model.model.input)}
        outputs, served = await self._run(model, SIGNATURE, inputs, timeout_seconds)
        return self._predictions(outputs, model, len(faces), served)

    async def explain(
        self,
        model: ServedModel,
        faces: Sequence[bytes],
        classes: Sequence[int],
        timeout_seconds: float,
    ) -> list[Explanation]:
        """Call Predict with the second signature."""
        shape = model.model.input
        inputs = {INPUT: faces_tensor(faces, shape), CLASSES: classes_tensor(classes)}
        outputs, served = await self._run(model, EXPLAIN_SIGNATURE, inputs, timeout_seconds)
        heat = floats_of(outputs[HEAT], (len(faces), shape.height, shape.width), self.name)
        predictions = self._predictions(outputs, model, len(faces), served)
        return check_explanations(
            predictions, heat, pixels=shape.height * shape.width, server=self.name
        )

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Call GetModelStatus and look for a version that can be used."""
        request = pb.GetModelStatusRequest(model_spec=_spec(model))
        try:
            response = await self._get_model_status(request, timeout=timeout_seconds)
        except grpc.aio.AioRpcError:
            return False
        return any(
            version.state == pb.ModelVersionStatus.AVAILABLE
            for version in response.model_version_status
        )

    async def serves(self, model: ServedModel, timeout_seconds: float) -> bool:
        """The same: a status is asked for by version."""
        return await self.ready(model, timeout_seconds)

    async def _run(
        self,
        model: ServedModel,
        signature: str,
        inputs: Mapping[str, pb.TensorProto],
        timeout_seconds: float,
    ) -> tuple[Mapping[str, pb.TensorProto], str]:
        """Return the outputs, and who computed them."""
        request = pb.PredictRequest(model_spec=_spec(model, signature), inputs=inputs)
        with map_errors(backend_errors(self.name, model.name)):
            call, response = await self._called(request, Deadline.after(timeout_seconds))
        return response.outputs, await served_by(call, SERVER)

    async def _called(
        self, request: pb.PredictRequest, deadline: Deadline
    ) -> tuple[grpc.aio.UnaryUnaryCall[Any, pb.PredictResponse], pb.PredictResponse]:
        """Call Predict, and again where a connection was lost."""
        for pause_seconds in _RETRY_PAUSES_SECONDS:
            call = self._predict(request, timeout=deadline.seconds_left, metadata=outgoing())
            try:
                return call, await call
            except grpc.aio.AioRpcError as error:
                lost = error.code() is grpc.StatusCode.UNAVAILABLE and not is_busy(error.details())
                if not lost or deadline.seconds_left < pause_seconds:
                    raise
            await asyncio.sleep(pause_seconds)
        call = self._predict(request, timeout=deadline.seconds_left, metadata=outgoing())
        return call, await call

    def _predictions(
        self, outputs: Mapping[str, pb.TensorProto], model: ServedModel, faces: int, served: str
    ) -> list[Prediction]:
        classes = len(model.model.labels)
        values = floats_of(outputs[OUTPUT], (faces, classes), self.name)
        return check_probabilities(values, classes=classes, server=self.name, served_by=served)


def _spec(model: ServedModel, signature: str = "") -> pb.ModelSpec:
    """Name the version: an answer is told, and kept, as that version's."""
    return pb.ModelSpec(
        name=model.name,
        version=pb.Int64Value(value=model.model.version),
        signature_name=signature,
    )
