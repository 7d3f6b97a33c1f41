"""Real gRPC servers on free ports that speak the wire of the gateway's neighbours.

What they answer comes from the fakes, so that both can pass the same contract.
"""

import asyncio
import socket
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import uvicorn
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from mien.third_party import tfserving_pb2, torchserve_pb2
from mien.third_party.torchserve_pb2_grpc import (
    InferenceAPIsServiceServicer,
    add_InferenceAPIsServiceServicer_to_server,
)
from mien.v1 import face_detector_pb2 as pb
from mien.v1.face_detector_pb2_grpc import (
    FaceDetectorServicer,
    add_FaceDetectorServicer_to_server,
)
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mien_gateway.clients.tensorflow_serving import GET_MODEL_STATUS, PREDICT
from mien_gateway.domain import DetectedFace, Point
from mien_gateway.errors import (
    EmptyImageError,
    GatewayError,
    ImageTooLargeError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
)
from mien_models import InputShape, ServedModel
from tests.fakes.gateway import FakeBackend, FakeDetector, registry

Context = grpc.aio.ServicerContext[Any, Any]
FOREVER_SECONDS = 3600.0

FAULTS: dict[type[GatewayError], pb.ImageFault.ValueType] = {
    EmptyImageError: pb.IMAGE_FAULT_EMPTY,
    UnsupportedMediaTypeError: pb.IMAGE_FAULT_UNSUPPORTED_FORMAT,
    UnreadableImageError: pb.IMAGE_FAULT_UNREADABLE,
    ImageTooLargeError: pb.IMAGE_FAULT_TOO_MANY_BYTES,
    TooManyPixelsError: pb.IMAGE_FAULT_TOO_MANY_PIXELS,
}


def refusal(reason: str, domain: str = "mien") -> grpc.Status:
    """INVALID_ARGUMENT with an ErrorInfo."""
    info = AnyMessage()
    info.Pack(error_details_pb2.ErrorInfo(domain=domain, reason=reason))
    code, _ = grpc.StatusCode.INVALID_ARGUMENT.value
    status: grpc.Status = rpc_status.to_status(
        status_pb2.Status(code=code, message=reason, details=[info])
    )
    return status


class WireDetector(FaceDetectorServicer):
    """The face-detector's wire over a FakeDetector."""

    def __init__(self, detector: FakeDetector) -> None:
        self.detector = detector
        self.remaining: list[float | None] = []
        self.metadata: list[tuple[str, str | bytes]] = []
        """Of all calls."""
        self.missing_bytes = 0
        """How many bytes to leave out of each crop."""

    async def Detect(self, request: pb.DetectRequest, context: Context) -> pb.DetectResponse:  # noqa: N802 - named by the contract
        """Answer as the fake does, or refuse with its fault."""
        self.remaining.append(context.time_remaining())
        self.metadata += context.invocation_metadata() or ()
        shape = InputShape(
            height=request.crop.height, width=request.crop.width, channels=request.crop.channels
        )
        try:
            found = await self.detector.detect(request.image, shape, FOREVER_SECONDS)
        except GatewayError as error:
            await context.abort_with_status(refusal(pb.ImageFault.Name(FAULTS[type(error)])))
        return pb.DetectResponse(
            image=pb.ImageSize(width=found.image.width, height=found.image.height),
            faces=[_face(face, self.missing_bytes) for face in found.faces],
            detector=self._info(),
        )

    async def GetDetector(  # noqa: N802 - named by the contract
        self, request: pb.GetDetectorRequest, context: Context
    ) -> pb.GetDetectorResponse:
        """Say the version."""
        del request, context
        return pb.GetDetectorResponse(detector=self._info())

    def _info(self) -> pb.DetectorInfo:
        return pb.DetectorInfo(name="fake", version=self.detector.version)


class WireTorchServe(InferenceAPIsServiceServicer):
    """TorchServe's wire over a FakeBackend."""

    def __init__(self, backend: FakeBackend) -> None:
        self.backend = backend

    async def Ping(  # noqa: N802 - named by the contract
        self, request: Empty, context: Context
    ) -> torchserve_pb2.TorchServeHealthResponse:
        """Say the health as TorchServe words it."""
        del request, context
        health = "Unhealthy" if self.backend.away else "Healthy"
        return torchserve_pb2.TorchServeHealthResponse(health=f'{{"status": "{health}"}}')

    async def Predictions(  # noqa: N802 - named by the contract
        self, request: torchserve_pb2.PredictionsRequest, context: Context
    ) -> torchserve_pb2.PredictionResponse:
        """Answer as the fake does."""
        model = await _served(request.model_name, self.backend, context)
        await _require_version(int(request.model_version), model, self.backend, context)
        raw = await _predict(self.backend, model, request.input["data"])
        return torchserve_pb2.PredictionResponse(prediction=raw)


class WireTensorFlow:
    """TensorFlow Serving's wire over a FakeBackend."""

    def __init__(self, backend: FakeBackend) -> None:
        self.backend = backend
        self.as_float_val = False
        """Answer in the tensor's other form, as some servers do."""

    async def predict(
        self, request: tfserving_pb2.PredictRequest, context: Context
    ) -> tfserving_pb2.PredictResponse:
        """Answer as the fake does, in one tensor."""
        spec = request.model_spec
        model = await _served(spec.name, self.backend, context)
        await _require_version(spec.version.value, model, self.backend, context)
        faces = request.inputs["faces"]
        assert faces.dtype == tfserving_pb2.DT_UINT8
        shape = model.model.input
        dims = [dim.size for dim in faces.tensor_shape.dim]
        assert dims[1:] == [shape.height, shape.width, shape.channels]
        await context.send_initial_metadata((("x-served-by", self.backend.served_by),))
        outputs = {"probabilities": await _predict(self.backend, model, faces.tensor_content)}
        sizes: dict[str, Sequence[int]] = {
            "probabilities": (dims[0], len(model.model.labels)),
        }
        if spec.signature_name == "gradcam":
            classes = array("q", request.inputs["classes"].tensor_content)
            outputs["heat"] = await _heat(self.backend, model, faces.tensor_content, classes)
            sizes["heat"] = (dims[0], shape.height, shape.width)
        else:
            assert spec.signature_name == "serving_default"
        return tfserving_pb2.PredictResponse(
            outputs={name: self._tensor(raw, sizes[name]) for name, raw in outputs.items()}
        )

    def _tensor(self, raw: bytes, sizes: Sequence[int]) -> tfserving_pb2.TensorProto:
        dims = [tfserving_pb2.TensorShapeProto.Dim(size=size) for size in sizes]
        tensor = tfserving_pb2.TensorProto(
            dtype=tfserving_pb2.DT_FLOAT,
            tensor_shape=tfserving_pb2.TensorShapeProto(dim=dims),
        )
        if self.as_float_val:
            tensor.float_val.extend(array("f", raw))
        else:
            tensor.tensor_content = raw
        return tensor

    async def status(
        self, request: tfserving_pb2.GetModelStatusRequest, context: Context
    ) -> tfserving_pb2.GetModelStatusResponse:
        """Say that one version is available."""
        spec = request.model_spec
        model = await _served(spec.name, self.backend, context)
        await _require_version(spec.version.value, model, self.backend, context)
        status = tfserving_pb2.ModelVersionStatus
        return tfserving_pb2.GetModelStatusResponse(
            model_version_status=[status(version=3, state=status.AVAILABLE)]
        )

    def add_to(self, server: grpc.aio.Server) -> None:
        """Register under the real method paths."""
        for path, handler, request, response in (
            (
                PREDICT,
                self.predict,
                tfserving_pb2.PredictRequest,
                tfserving_pb2.PredictResponse,
            ),
            (
                GET_MODEL_STATUS,
                self.status,
                tfserving_pb2.GetModelStatusRequest,
                tfserving_pb2.GetModelStatusResponse,
            ),
        ):
            _, service, method = path.split("/")
            rpc = grpc.unary_unary_rpc_method_handler(
                handler,
                request_deserializer=request.FromString,
                response_serializer=response.SerializeToString,
            )
            server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, {method: rpc}),)
            )


@asynccontextmanager
async def serving(
    *parts: WireDetector | WireTorchServe | WireTensorFlow, port: int = 0
) -> AsyncIterator[str]:
    """Serve the parts together; yields the target."""
    limit = 20_000_000
    server = grpc.aio.server(
        options=(("grpc.max_receive_message_length", limit), ("grpc.so_reuseport", 0))
    )
    for part in parts:
        if isinstance(part, WireDetector):
            add_FaceDetectorServicer_to_server(part, server)
        elif isinstance(part, WireTorchServe):
            add_InferenceAPIsServiceServicer_to_server(part, server)
        else:
            part.add_to(server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


async def _served(name: str, backend: FakeBackend, context: Context) -> ServedModel:
    model = registry().find(name)
    if model is None:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such model")
    if backend.away:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "on its way down")
    if backend.refusal:
        backend.refused += 1
        await context.abort(*backend.refusal)
    return model


async def _require_version(
    version: int, model: ServedModel, backend: FakeBackend, context: Context
) -> None:
    if version != model.model.version or (model.name, version) in backend.lacks:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such version")


@asynccontextmanager
async def serving_explanations(backend: FakeBackend) -> AsyncIterator[str]:
    """Serve TorchServe's explanations API over a FakeBackend; yields the address."""

    async def explain(request: Request) -> Response:
        model = registry().find(request.path_params["model"])
        if backend.away or model is None or request.path_params["version"] != model.model.version:
            return Response(status_code=503 if backend.away else 404)
        if backend.refusal:
            backend.refused += 1
            return JSONResponse({"code": 503, "message": backend.refusal[1]}, 503)
        async with request.form() as form:
            data, classes = form["data"], form["classes"]
            assert isinstance(data, UploadFile)
            assert isinstance(classes, UploadFile)
            faces, wanted = await data.read(), array("q", await classes.read())
        probabilities = await _predict(backend, model, faces)
        return Response(probabilities + await _heat(backend, model, faces, wanted))

    app = Starlette(
        routes=[Route("/explanations/{model}/{version:int}", explain, methods=["POST"])]
    )
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


async def _heat(
    backend: FakeBackend, model: ServedModel, joined: bytes, classes: Sequence[int]
) -> bytes:
    size = model.model.input.size_bytes
    faces = [joined[start : start + size] for start in range(0, len(joined), size)]
    explained = await backend.explain(model, faces, classes, FOREVER_SECONDS)
    return b"".join(array("f", one.heat).tobytes() for one in explained)


async def _predict(backend: FakeBackend, model: ServedModel, joined: bytes) -> bytes:
    size = model.model.input.size_bytes
    faces = [joined[start : start + size] for start in range(0, len(joined), size)]
    predictions = await backend.predict(model, faces, FOREVER_SECONDS)
    values = array("f")
    for prediction in predictions:
        values.extend(prediction.probabilities)
    return values.tobytes()


def _face(face: DetectedFace, missing_bytes: int) -> pb.DetectedFace:
    box, marks = face.box, face.landmarks
    return pb.DetectedFace(
        box=pb.Box(x=box.x, y=box.y, width=box.width, height=box.height),
        landmarks=pb.Landmarks(
            left_eye=_point(marks.left_eye),
            right_eye=_point(marks.right_eye),
            nose=_point(marks.nose),
            left_mouth=_point(marks.left_mouth),
            right_mouth=_point(marks.right_mouth),
        ),
        score=face.score,
        crop=face.crop[missing_bytes:],
    )


def _point(point: Point) -> pb.Point:
    return pb.Point(x=point.x, y=point.y)
