"""The real TorchServe, in its own processes, with our handler and configuration."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import numpy.typing as npt
import psutil
import pytest
import torch
from google.protobuf.empty_pb2 import Empty
from mien.third_party import torchserve_pb2 as pb
from mien.third_party.torchserve_pb2_grpc import InferenceAPIsServiceStub
from PIL import Image

from mien_torch_serving import java, server
from mien_torch_serving.errors import JavaMissingError
from mien_torch_serving.settings import TorchServeSettings
from tests.fakes.torch_model import (
    LABELS,
    SERVED_NAME,
    build_tiny,
    explained,
    probabilities,
    write_registry,
)

PORTS = ("rest_port", "grpc_port", "management_port", "management_grpc_port", "metrics_port")
START_SECONDS = 60
RECOVERY_SECONDS = 20
CALL_SECONDS = 5
SERVICE = "/org.pytorch.serve.grpc.inference.InferenceAPIsService"


@dataclass(frozen=True, kw_only=True)
class TorchServe:
    """A running server."""

    settings: TorchServeSettings
    process: "subprocess.Popen[bytes]"
    channel: grpc.Channel
    log: Path

    @property
    def stub(self) -> InferenceAPIsServiceStub:
        """The calls that the gateway makes."""
        return InferenceAPIsServiceStub(self.channel)

    def predict(self, body: bytes, model: str = SERVED_NAME) -> bytes:
        """The answer over gRPC."""
        request = pb.PredictionsRequest(model_name=model, input={"data": body})
        return self.stub.Predictions(request, timeout=CALL_SECONDS).prediction

    def predict_later(self, body: bytes) -> Any:
        """The call, so that several can be on their way."""
        request = pb.PredictionsRequest(model_name=SERVED_NAME, input={"data": body})
        return self.stub.Predictions.future(request, timeout=CALL_SECONDS)

    def stream(self, **request: Any) -> list[bytes]:
        """The answers over the gRPC call that streams them, which the gateway does not make."""
        call = self.channel.unary_stream(
            f"{SERVICE}/StreamPredictions",
            request_serializer=pb.PredictionsRequest.SerializeToString,
            response_deserializer=pb.PredictionResponse.FromString,
        )
        answers = call(pb.PredictionsRequest(**request), timeout=CALL_SECONDS)
        return [answer.prediction for answer in answers]

    def http(self, method: str, port: int, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body over HTTP."""
        connection = HTTPConnection("127.0.0.1", port, timeout=CALL_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()

    def workers(self) -> list[psutil.Process]:
        """The Python processes that hold the model."""
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        java.find_java(os.environ)
    except JavaMissingError as error:
        pytest.skip(str(error))
    return tmp_path_factory.mktemp("torchserve")


@pytest.fixture(scope="module")
def torchserve(folder: Path) -> Iterator[TorchServe]:
    with started(folder) as running:
        yield running


@contextlib.contextmanager
def started(folder: Path) -> Iterator[TorchServe]:
    """A server on free ports that has answered once."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        ports = [listener.getsockname()[1] for listener in listeners]
    settings = TorchServeSettings(
        registry=write_registry(folder / "models"),
        store=folder / "store",
        run_dir=folder / f"run-{ports[0]}",
        **dict(zip(PORTS, ports, strict=True)),
    )
    build_tiny(settings)
    log = folder / f"{ports[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command_line(settings), stdout=output, stderr=output)
    with grpc.insecure_channel(f"127.0.0.1:{settings.grpc_port}") as channel:
        running = TorchServe(settings=settings, process=process, channel=channel, log=log)
        try:
            wait_until_it_answers(running, START_SECONDS)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)
            server.sweep(settings)


def command_line(settings: TorchServeSettings) -> list[str]:
    names = ("registry", "store", "run_dir", *PORTS)
    options = [f"--{name.replace('_', '-')}={getattr(settings, name)}" for name in names]
    return [sys.executable, "-m", "mien_torch_serving", *options]


def wait_until_it_answers(running: TorchServe, seconds: float) -> None:
    def answers() -> bool:
        assert running.process.poll() is None, running.log.read_text()
        try:
            return bool(running.predict(bytes(48 * 48)))
        except grpc.RpcError:
            return False

    assert eventually(answers, seconds), running.log.read_text()


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def some_faces(count: int) -> npt.NDArray[np.uint8]:
    drawn: npt.NDArray[np.uint8] = np.random.default_rng(count).integers(
        0, 256, (count, 48, 48, 1), dtype=np.uint8
    )
    return drawn


def assert_right(answer: bytes, faces: npt.NDArray[np.uint8]) -> None:
    found = np.frombuffer(answer, "<f4").reshape(-1, len(LABELS))
    np.testing.assert_allclose(found, probabilities(torch.from_numpy(faces)).numpy(), atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 10, 100])
def test_predictions_are_those_of_the_model_in_process(torchserve: TorchServe, count: int) -> None:
    """One face or many per request, raw bytes there and back."""
    assert_right(torchserve.predict(some_faces(count).tobytes()), some_faces(count))


def test_concurrent_requests_get_their_own_answers(torchserve: TorchServe) -> None:
    """Joined by the server into common batches, they come back apart."""
    batches = [some_faces(count) for count in range(1, 13)]
    calls = [torchserve.predict_later(faces.tobytes()) for faces in batches]
    for faces, call in zip(batches, calls, strict=True):
        assert_right(call.result().prediction, faces)


def test_a_request_alone_waits_for_nobody(torchserve: TorchServe) -> None:
    """A batch delay of 0 must not become TorchServe's default of 100 ms."""
    taken = []
    for _ in range(10):
        began = time.perf_counter()
        torchserve.predict(some_faces(1).tobytes())
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.05


def test_a_request_of_a_wrong_size_is_an_invalid_argument(torchserve: TorchServe) -> None:
    """The status says whose fault it was, the message what is right."""
    with pytest.raises(grpc.RpcError) as raised:
        torchserve.predict(bytes(48 * 48 + 1))
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "each is 48 x 48 x 1 uint8, 2304 bytes" in str(raised.value.details())


def test_a_bad_request_spoils_no_other_of_its_batch(torchserve: TorchServe) -> None:
    """Three good ones beside it are answered; it never gets bytes that look like floats."""
    bodies = [some_faces(1).tobytes(), bytes(7), some_faces(2).tobytes(), some_faces(3).tobytes()]
    calls = [torchserve.predict_later(body) for body in bodies]
    for count, call in ((1, calls[0]), (2, calls[2]), (3, calls[3])):
        assert_right(call.result().prediction, some_faces(count))
    if calls[1].code() is grpc.StatusCode.OK:
        refusal = calls[1].result().prediction
        assert json.loads(refusal)["code"] == 400
        assert len(refusal) % 4 != 0
    else:
        assert calls[1].code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_unknown_model_is_an_error(torchserve: TorchServe) -> None:
    """TorchServe says so with INTERNAL and a sentence that clients can tell it by."""
    with pytest.raises(grpc.RpcError) as raised:
        torchserve.predict(bytes(48 * 48), model="none")
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert "Model not found: none" in str(raised.value.details())


def test_a_stream_has_one_answer(torchserve: TorchServe) -> None:
    """Over the streaming call, whose lack of a header cost the worker its life."""
    workers = torchserve.workers()
    for count in (1, 3):
        body = some_faces(count).tobytes()
        (answer,) = torchserve.stream(model_name=SERVED_NAME, input={"data": body})
        assert_right(answer, some_faces(count))
    assert torchserve.workers() == workers


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"input": {"data": bytes(48 * 48 + 1)}}, "2305 bytes are no faces"),
        ({"input": {"data": b"\xff\xd8\xffcut"}}, "the picture cannot be decoded"),
        ({"input": {"data": b""}}, "send faces as bytes"),
        ({"input": {"other": bytes(48 * 48)}}, "send faces as bytes"),
        ({}, "send faces as bytes"),
        ({"model_version": "9"}, "Model version: 9 does not exist"),
        ({"model_name": "none"}, "Model not found: none"),
        ({"model_name": ""}, "Parameter model_name is required"),
    ],
)
def test_a_bad_stream_is_refused(
    torchserve: TorchServe, request_: dict[str, Any], words: str
) -> None:
    """With the reason, and without harm to the worker."""
    workers = torchserve.workers()
    with pytest.raises(grpc.RpcError) as raised:
        torchserve.stream(**{"model_name": SERVED_NAME} | request_)
    assert words in str(raised.value.details())
    assert_right(torchserve.predict(some_faces(1).tobytes()), some_faces(1))
    assert torchserve.workers() == workers


@pytest.mark.parametrize("size", [48 * 48, 48 * 48 + 1])
def test_a_sequence_that_torchserve_fails_costs_no_worker(
    torchserve: TorchServe, size: int
) -> None:
    """TorchServe itself breaks off the call; what it had queued must not end the worker."""
    workers = torchserve.workers()
    sequence_id = b"\x22\x01a"
    request = pb.PredictionsRequest(model_name=SERVED_NAME, input={"data": bytes(size)})
    call: Any = torchserve.channel.stream_stream(f"{SERVICE}/StreamPredictions2")
    with pytest.raises(grpc.RpcError):
        list(call(iter([request.SerializeToString() + sequence_id] * 2), timeout=CALL_SECONDS))
    assert_right(torchserve.predict(some_faces(1).tobytes()), some_faces(1))
    assert torchserve.workers() == workers


def test_ping_says_healthy(torchserve: TorchServe) -> None:
    """Readiness probes ask this."""
    answer = torchserve.stub.Ping(Empty(), timeout=CALL_SECONDS)
    assert json.loads(answer.health) == {"status": "Healthy"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_file_gets_json_over_rest(torchserve: TorchServe, form: str) -> None:
    """What `curl -T face.jpg` sends."""
    file = io.BytesIO()
    Image.fromarray(some_faces(1)[0, :, :, 0]).resize((120, 120)).save(file, form)
    path = f"/predictions/{SERVED_NAME}"
    status, body = torchserve.http("PUT", torchserve.settings.rest_port, path, file.getvalue())
    answer = json.loads(body)
    assert status == 200
    assert tuple(answer) == LABELS
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)


def test_a_broken_picture_is_the_callers_fault_over_rest(torchserve: TorchServe) -> None:
    """A 400 with a reason, not a 503."""
    path = f"/predictions/{SERVED_NAME}"
    status, body = torchserve.http("PUT", torchserve.settings.rest_port, path, b"\xff\xd8\xffcut")
    assert status == 400
    assert "cannot be decoded" in json.loads(body)["message"]


def explain(running: TorchServe, faces: npt.NDArray[np.uint8], *classes: int) -> httpx.Response:
    """POST raw faces as the body, or with classes as a form of two files."""
    url = f"http://127.0.0.1:{running.settings.rest_port}/explanations/{SERVED_NAME}"
    body = faces.tobytes()
    if not classes:
        headers = {"content-type": "application/octet-stream"}
        return httpx.post(url, content=body, headers=headers, timeout=CALL_SECONDS)
    files = {"data": body, "classes": np.array(classes, "<i8").tobytes()}
    return httpx.post(url, files=files, timeout=CALL_SECONDS)


def assert_explained(
    answer: httpx.Response, faces: npt.NDArray[np.uint8], classes: list[int]
) -> None:
    said, heat = explained(torch.from_numpy(faces), classes)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    floats = np.frombuffer(answer.content, "<f4")
    right = np.concatenate([said.numpy().ravel(), heat.numpy().ravel()])
    np.testing.assert_allclose(floats, right, atol=1e-6)


@pytest.mark.parametrize("classes", [[], [-1, 0, 5, 6, 2]])
def test_faces_are_explained_over_rest(torchserve: TorchServe, classes: list[int]) -> None:
    """Probabilities and heat of each face's own class, or of the classes in the form."""
    answer = explain(torchserve, some_faces(5), *classes)
    assert_explained(answer, some_faces(5), classes or [-1] * 5)


def test_as_many_faces_are_explained_as_may_be_sent(torchserve: TorchServe) -> None:
    """The answer is four times as large as the request, and still comes through."""
    faces = some_faces(torchserve.settings.max_request_faces)
    assert_explained(explain(torchserve, faces), faces, [-1] * len(faces))


def test_explanations_and_predictions_do_not_mix_up(torchserve: TorchServe) -> None:
    """They wait in one queue and may be joined; each gets what it asked for."""
    with ThreadPoolExecutor(8) as pool:
        explaining = [pool.submit(explain, torchserve, some_faces(n), *range(n)) for n in (1, 2, 3)]
        predicting = [torchserve.predict_later(some_faces(n).tobytes()) for n in (4, 5, 6)]
        for count, call in zip((4, 5, 6), predicting, strict=True):
            assert_right(call.result().prediction, some_faces(count))
        for count, answer in zip((1, 2, 3), explaining, strict=True):
            assert_explained(answer.result(), some_faces(count), list(range(count)))


def test_a_class_that_does_not_exist_is_the_callers_fault(torchserve: TorchServe) -> None:
    """A 400 with a reason, as for predictions."""
    answer = explain(torchserve, some_faces(2), 0, 7)
    assert answer.status_code == 400
    assert "classes are 0 to 6" in answer.json()["message"]


@pytest.mark.parametrize("url", ["http://example.org/evil.mar", "file:///tmp/evil.mar"])
def test_no_model_can_be_registered(torchserve: TorchServe, url: str) -> None:
    """What ShellTorch did, done to the port where it was done."""
    port = torchserve.settings.management_port
    status, _ = torchserve.http("POST", port, f"/models?url={url}")
    assert status == 405
    _, listed = torchserve.http("GET", port, "/models")
    assert [model["modelName"] for model in json.loads(listed)["models"]] == [SERVED_NAME]


def test_nothing_listens_beyond_loopback(torchserve: TorchServe) -> None:
    """All five ports, and no sixth."""
    listening = {
        (connection.laddr.ip.removeprefix("::ffff:"), connection.laddr.port)
        for connection in psutil.Process(torchserve.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", getattr(torchserve.settings, name)) for name in PORTS}


def test_a_model_is_described_with_its_labels(torchserve: TorchServe) -> None:
    """The management API asks the handler for them."""
    path = f"/models/{SERVED_NAME}?customized=true"
    status, body = torchserve.http("GET", torchserve.settings.management_port, path)
    assert status == 200
    (description,) = json.loads(body)
    assert description["customizedMetadata"]["labels"] == list(LABELS)


def test_metrics_are_prometheus(torchserve: TorchServe) -> None:
    """They count what went through the model."""
    status, body = torchserve.http("GET", torchserve.settings.metrics_port, "/metrics")
    assert status == 200
    assert f'ts_inference_requests_total{{model_name="{SERVED_NAME}"'.encode() in body


def test_it_leaves_no_files_beside_its_configuration(torchserve: TorchServe) -> None:
    """No logs, no key files, no snapshots in the folder that it runs in."""
    assert [path.name for path in torchserve.settings.run_dir.iterdir()] == [server.CONFIG_NAME]


def test_the_sockets_of_a_running_server_are_not_swept_away(torchserve: TorchServe) -> None:
    """Although it is Java that runs now, in place of the process that locked them."""
    (worker,) = torchserve.workers()
    command = worker.cmdline()
    listening = Path(command[command.index("--sock-name") + 1])
    server.sweep(torchserve.settings)
    assert listening.is_socket()


def test_a_killed_worker_comes_back(torchserve: TorchServe) -> None:
    """TorchServe starts another one; callers see errors meanwhile, not for long."""
    (worker,) = torchserve.workers()
    worker.kill()
    worker.wait(timeout=CALL_SECONDS)
    wait_until_it_answers(torchserve, RECOVERY_SECONDS)
    assert torchserve.workers() != [worker]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(folder: Path, sent: signal.Signals) -> None:
    """Asked to stop or killed, it is gone within ten seconds, and its workers soon after."""
    with started(folder) as running:
        workers = running.workers()
        assert workers
        running.process.send_signal(sent)
        running.process.wait(timeout=10)
        gone, alive = psutil.wait_procs(workers, timeout=RECOVERY_SECONDS)
        assert (len(gone), alive) == (len(workers), [])
