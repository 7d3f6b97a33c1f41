"""Both servers with the same models and flags, and what the cases need to ask them."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from mien_tf_serving.embedded.server import EmbeddedServer
from mien_tf_serving.flags import parse_flags
from tests.fakes.saved_models import SIDE, write_version

REAL = shutil.which("tensorflow_model_server")
START_SECONDS = 60.0
CALL_SECONDS = 10.0
LARGEST_BATCH = 8

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Server:
    """Where a server listens, and the clients of its three services."""

    kind: str
    channel: grpc.Channel
    rest: httpx.Client

    def predict(self, request: Any) -> Any:
        """Call Predict."""
        stub = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        return stub.Predict(request, timeout=CALL_SECONDS)

    def metadata(self, request: Any) -> Any:
        """Call GetModelMetadata."""
        stub = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        return stub.GetModelMetadata(request, timeout=CALL_SECONDS)

    @property
    def models(self) -> Any:
        """The stub of ModelService."""
        return model_service_pb2_grpc.ModelServiceStub(self.channel)


def write_store(folder: Path) -> list[str]:
    """Write one model with two versions and two labels; return the flags to serve it."""
    base = folder / "tiny"
    base.mkdir()
    for version in (1, 2):
        write_version(base, version, marker=version / 10)
    (folder / "models.config").write_text(config_text(base), encoding="utf-8")
    (folder / "batching.config").write_text(
        f"max_batch_size {{ value: {LARGEST_BATCH} }} batch_timeout_micros {{ value: 0 }}\n"
        "max_enqueued_batches { value: 16 } num_batch_threads { value: 2 }\n"
        f"allowed_batch_sizes: 1 allowed_batch_sizes: 4 allowed_batch_sizes: {LARGEST_BATCH}\n",
        encoding="utf-8",
    )
    return [
        f"--model_config_file={folder / 'models.config'}",
        "--enable_batching",
        f"--batching_parameters_file={folder / 'batching.config'}",
        "--allow_version_labels_for_unavailable_models=true",
        "--tensorflow_intra_op_parallelism=1",
        "--tensorflow_inter_op_parallelism=1",
    ]


def config_text(base: Path) -> str:
    return (
        f'model_config_list {{ config {{ name: "tiny" base_path: "{base}" '
        'model_platform: "tensorflow" model_version_policy { all {} } '
        'version_labels { key: "stable" value: 1 } version_labels { key: "canary" value: 2 } } }'
    )


@contextmanager
def embedded(flags: list[str]) -> Iterator[tuple[int, int]]:
    """Run the embedded server in this process; yield its gRPC and REST ports."""
    server = EmbeddedServer(parse_flags(["--port=0", f"--rest_api_port={free_port()}", *flags]))
    server.start()
    try:
        assert server.rest_port is not None
        yield server.grpc_port, server.rest_port
    finally:
        server.stop()


@contextmanager
def real(flags: list[str]) -> Iterator[tuple[int, int]]:
    """Run the real server; yield its gRPC and REST ports."""
    ports = free_port(), free_port()
    command = [str(REAL), f"--port={ports[0]}", f"--rest_api_port={ports[1]}", *flags]
    with subprocess.Popen(command) as process:
        try:
            wait_until_served(f"http://127.0.0.1:{ports[1]}/v1/models/tiny/versions/2")
            yield ports
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def wait_until_served(url: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        try:
            if "AVAILABLE" in httpx.get(url, timeout=1).text:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{url} did not become available in {START_SECONDS} s")


def faces(count: int, value: int = 51) -> Array:
    return np.full((count, SIDE, SIDE, 1), value, dtype=np.uint8)


def request_for(array: Array, **spec: Any) -> Any:
    """Return a PredictRequest with raw bytes, as the gateway sends it."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = spec.get("name", "tiny")
    request.model_spec.signature_name = spec.get("signature", "serving_default")
    if "version" in spec:
        request.model_spec.version.value = spec["version"]
    if "label" in spec:
        request.model_spec.version_label = spec["label"]
    tensor = request.inputs[spec.get("input", "faces")]
    tensor.dtype = tf.dtypes.as_dtype(array.dtype).as_datatype_enum
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = array.tobytes()
    return request
