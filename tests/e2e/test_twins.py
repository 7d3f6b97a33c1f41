"""Twins agree to 1e-4 on 200 faces, through the servers."""

import io
from pathlib import Path

import grpc
import numpy as np
import pytest
from mien.third_party import tfserving_pb2, torchserve_pb2, torchserve_pb2_grpc
from numpy.typing import NDArray
from PIL import Image

from mien_models import Model, load_registry
from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
COUNT = 200
BATCH = 20
SHEET = ROOT.parent / "shared" / "data" / "fer2013-3.png"
MODELS = load_registry(ROOT / "models" / "registry.yaml").models


def windows_of(photo: bytes, model: Model) -> NDArray[np.uint8]:
    """Windows of all sizes and places of the sample photo, as crops of the model's shape."""
    picture = Image.open(io.BytesIO(photo)).convert("L" if model.input.channels == 1 else "RGB")
    random = np.random.default_rng(0)
    crops = []
    for _ in range(COUNT):
        side = int(random.integers(32, 400))
        x, y = random.integers(0, 512 - side, size=2)
        window = picture.crop((int(x), int(y), int(x) + side, int(y) + side))
        crops.append(np.asarray(window.resize((model.input.width, model.input.height))))
    return np.stack(crops).reshape(COUNT, model.input.height, model.input.width, -1)


def faces_of(sheet: Path) -> NDArray[np.uint8]:
    """The first faces of a FER2013 sheet, 64 to a row."""
    pixels = np.asarray(Image.open(sheet))[: 48 * (COUNT // 64 + 1)]
    tiles = pixels.reshape(-1, 48, 64, 48).swapaxes(1, 2).reshape(-1, 48, 48, 1)
    return tiles[:COUNT]


def through_torchserve(
    system: System, model: Model, crops: NDArray[np.uint8]
) -> NDArray[np.float32]:
    with grpc.insecure_channel(f"127.0.0.1:{system.settings.torchserve_port}") as channel:
        request = torchserve_pb2.PredictionsRequest(
            model_name=f"{model.name}-pytorch", input={"data": crops.tobytes()}
        )
        stub = torchserve_pb2_grpc.InferenceAPIsServiceStub(channel)
        answer = stub.Predictions(request, timeout=30).prediction
    return np.frombuffer(answer, dtype="<f4").reshape(len(crops), -1)


def through_tensorflow(
    system: System, model: Model, crops: NDArray[np.uint8]
) -> NDArray[np.float32]:
    dimensions = [tfserving_pb2.TensorShapeProto.Dim(size=size) for size in crops.shape]
    tensor = tfserving_pb2.TensorProto(
        dtype=tfserving_pb2.DT_UINT8,
        tensor_shape=tfserving_pb2.TensorShapeProto(dim=dimensions),
        tensor_content=crops.tobytes(),
    )
    request = tfserving_pb2.PredictRequest(
        model_spec=tfserving_pb2.ModelSpec(name=f"{model.name}-tensorflow"),
        inputs={"faces": tensor},
    )
    with grpc.insecure_channel(f"127.0.0.1:{system.settings.tensorflow_port}") as channel:
        predict = channel.unary_unary(
            "/tensorflow.serving.PredictionService/Predict",
            request_serializer=tfserving_pb2.PredictRequest.SerializeToString,
            response_deserializer=tfserving_pb2.PredictResponse.FromString,
        )
        output = predict(request, timeout=30).outputs["probabilities"]
    content = output.tensor_content
    values = np.frombuffer(content, dtype="<f4") if content else np.array(output.float_val)
    return values.reshape(len(crops), -1)


def largest_difference(system: System, model: Model, crops: NDArray[np.uint8]) -> float:
    differences = []
    for start in range(0, COUNT, BATCH):
        some = crops[start : start + BATCH]
        torch = through_torchserve(system, model, some)
        tensorflow = through_tensorflow(system, model, some)
        assert torch.shape == tensorflow.shape == (len(some), len(model.labels))
        assert np.allclose(torch.sum(axis=1), 1, atol=1e-5)
        differences.append(float(np.abs(torch - tensorflow).max()))
    return max(differences)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_twins_agree_on_windows_of_the_sample_photo(
    system: System, model: Model, photo: bytes
) -> None:
    """Equal weights give equal answers, whatever the crop shows."""
    assert largest_difference(system, model, windows_of(photo, model)) <= 1e-4


@pytest.mark.skipif(not SHEET.exists(), reason=f"the FER2013 sheet {SHEET.name} is not there")
@pytest.mark.parametrize(
    "model", [model for model in MODELS if model.input.size_bytes == 48 * 48], ids=lambda m: m.name
)
def test_twins_agree_on_faces_of_fer2013(system: System, model: Model) -> None:
    """Equal weights give equal answers on the faces they are for."""
    assert largest_difference(system, model, faces_of(SHEET)) <= 1e-4
