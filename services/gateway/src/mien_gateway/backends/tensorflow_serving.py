"""TensorFlow Serving over gRPC, by the few messages that are needed of its contract."""

from collections.abc import Sequence

import grpc.aio
from mien.third_party import tfserving_pb2 as pb

from mien_gateway.backends.base import check_probabilities, read_probabilities
from mien_gateway.backends.errors import backend_errors
from mien_gateway.backends.served_by import served_by
from mien_gateway.domain import Prediction
from mien_gateway.errors import BadModelAnswerError
from mien_gateway.hops import translated
from mien_models.registry import ServedModel

PREDICT = "/tensorflow.serving.PredictionService/Predict"
GET_MODEL_STATUS = "/tensorflow.serving.ModelService/GetModelStatus"

SIGNATURE = "serving_default"
INPUT = "faces"
OUTPUT = "probabilities"


class TensorFlowServing:
    """The `*-tensorflow` models' server, or what stands in for it on the same wire."""

    name = "tensorflow-serving"

    def __init__(self, channel: grpc.aio.Channel) -> None:
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
        with translated(backend_errors(self.name, model.name)):
            call = self._predict(_request(model, faces), timeout=timeout_seconds)
            response = await call
        return self._predictions(
            response.outputs[OUTPUT], model, len(faces), await served_by(call, self.name)
        )

    async def ready(self, model: ServedModel, timeout_seconds: float) -> bool:
        """Call GetModelStatus and look for a version that can be used."""
        request = pb.GetModelStatusRequest(model_spec=pb.ModelSpec(name=model.name))
        try:
            response = await self._get_model_status(request, timeout=timeout_seconds)
        except grpc.aio.AioRpcError:
            return False
        return any(
            version.state == pb.ModelVersionStatus.AVAILABLE
            for version in response.model_version_status
        )

    def _predictions(
        self, tensor: pb.TensorProto, model: ServedModel, faces: int, served: str
    ) -> list[Prediction]:
        classes = len(model.model.labels)
        shape = [dim.size for dim in tensor.tensor_shape.dim]
        if tensor.dtype != pb.DT_FLOAT or shape != [faces, classes]:
            reason = f"a tensor of type {tensor.dtype} and shape {shape}"
            raise BadModelAnswerError(self.name, reason)
        if tensor.tensor_content or not tensor.float_val:
            return read_probabilities(
                tensor.tensor_content,
                faces=faces,
                classes=classes,
                server=self.name,
                served_by=served,
            )
        if len(tensor.float_val) != faces * classes:
            reason = f"{len(tensor.float_val)} values in a tensor of shape {shape}"
            raise BadModelAnswerError(self.name, reason)
        return check_probabilities(
            tensor.float_val, classes=classes, server=self.name, served_by=served
        )


def _request(model: ServedModel, faces: Sequence[bytes]) -> pb.PredictRequest:
    shape = model.model.input
    sizes = (len(faces), shape.height, shape.width, shape.channels)
    tensor = pb.TensorProto(
        dtype=pb.DT_UINT8,
        tensor_shape=pb.TensorShapeProto(
            dim=[pb.TensorShapeProto.Dim(size=size) for size in sizes]
        ),
        tensor_content=b"".join(faces),
    )
    return pb.PredictRequest(
        model_spec=pb.ModelSpec(name=model.name, signature_name=SIGNATURE),
        inputs={INPUT: tensor},
    )
