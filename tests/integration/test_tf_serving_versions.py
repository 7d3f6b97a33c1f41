"""The embedded server while its models change under it."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from mien.third_party import tfserving_pb2 as pb
from tensorflow_serving.apis import model_management_pb2, model_service_pb2_grpc

from mien_gateway.clients.tensorflow_serving import GET_MODEL_STATUS, PREDICT
from mien_tf_serving.embedded.server import EmbeddedServer
from mien_tf_serving.flags import parse_flags
from tests.fakes.saved_models import SIDE, copy_version, write_broken_version, write_version

WAIT_SECONDS = 20.0
CALLERS = 4


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Versions to copy from; version n answers with n/10."""
    folder = tmp_path_factory.mktemp("versions")
    return {number: write_version(folder, number, marker=number / 10) for number in (1, 2, 3)}


@pytest.fixture
def base(tmp_path: Path, versions: dict[int, Path]) -> Path:
    """A model's folder with version 1."""
    base = tmp_path / "tiny"
    base.mkdir()
    copy_version(versions[1], base, 1)
    return base


@pytest.fixture
def config(base: Path) -> Path:
    path = base.parent / "models.config"
    path.write_text(f"model_config_list {{ {entry('tiny', base)} }}", encoding="utf-8")
    return path


@pytest.fixture
def server(config: Path) -> Iterator[EmbeddedServer]:
    """The embedded server, looking for changes ten times a second."""
    flags = parse_flags(
        [
            "--port=0",
            f"--model_config_file={config}",
            "--file_system_poll_wait_seconds=0.1",
            "--model_config_file_poll_wait_seconds=0.1",
            "--max_num_load_retries=0",
            "--enable_batching",
            "--tensorflow_intra_op_parallelism=1",
            "--tensorflow_inter_op_parallelism=1",
        ]
    )
    server = EmbeddedServer(flags)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def channel(server: EmbeddedServer) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield channel


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def entry(name: str, base: Path) -> str:
    return f'config {{ name: "{name}" base_path: "{base}" model_platform: "tensorflow" }}'


def predict(channel: grpc.Channel, name: str = "tiny") -> pb.PredictResponse:
    call = channel.unary_unary(
        PREDICT,
        request_serializer=pb.PredictRequest.SerializeToString,
        response_deserializer=pb.PredictResponse.FromString,
    )
    sizes = [pb.TensorShapeProto.Dim(size=size) for size in (1, SIDE, SIDE, 1)]
    faces = pb.TensorProto(
        dtype=pb.DT_UINT8,
        tensor_shape=pb.TensorShapeProto(dim=sizes),
        tensor_content=bytes(SIDE * SIDE),
    )
    request = pb.PredictRequest(model_spec=pb.ModelSpec(name=name), inputs={"faces": faces})
    answer: pb.PredictResponse = call(request, timeout=WAIT_SECONDS)
    return answer


def serving(channel: grpc.Channel, name: str = "tiny") -> int:
    return predict(channel, name).model_spec.version.value


def statuses(channel: grpc.Channel) -> dict[int, Any]:
    call = channel.unary_unary(
        GET_MODEL_STATUS,
        request_serializer=pb.GetModelStatusRequest.SerializeToString,
        response_deserializer=pb.GetModelStatusResponse.FromString,
    )
    request = pb.GetModelStatusRequest(model_spec=pb.ModelSpec(name="tiny"))
    return {one.version: one for one in call(request, timeout=5).model_version_status}


def wait_for(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


class Callers:
    """Threads that ask without a pause, and note who answered and what went wrong."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.versions: set[int] = set()
        self.errors: list[str] = []
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(channel,)) for _ in range(CALLERS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(WAIT_SECONDS)

    def _ask(self, channel: grpc.Channel) -> None:
        while not self._stopping.is_set():
            try:
                self.versions.add(serving(channel))
            except grpc.RpcError as error:
                self.errors.append(str(error))


def test_versions_come_and_go_under_load_without_an_error(
    base: Path, versions: dict[int, Path], channel: grpc.Channel
) -> None:
    """Forward, forward again, and back: every call is answered by one version or another."""
    with Callers(channel) as callers:
        wait_for(lambda: 1 in callers.versions)
        copy_version(versions[2], base, 2)
        wait_for(lambda: 2 in callers.versions)
        newest = copy_version(versions[3], base, 3)
        wait_for(lambda: 3 in callers.versions)
        newest.rename(base / ".3.gone")
        wait_for(lambda: serving(channel) == 2)
    assert callers.errors == []
    assert callers.versions == {1, 2, 3}


def test_a_new_version_answers_with_its_own_weights(
    base: Path, versions: dict[int, Path], channel: grpc.Channel
) -> None:
    """Not the old graph under a new number."""
    copy_version(versions[2], base, 2)
    wait_for(lambda: serving(channel) == 2)
    content = predict(channel).outputs["probabilities"].tensor_content
    assert content[4:8] == b"\xcd\xcc\x4c\x3e"  # 0.2


def test_a_broken_version_leaves_the_old_one_serving(base: Path, channel: grpc.Channel) -> None:
    """And its status says what is wrong with it."""
    with Callers(channel) as callers:
        write_broken_version(base, 2)
        wait_for(lambda: statuses(channel).get(2, pb.ModelVersionStatus()).state == 50)
        assert statuses(channel)[1].state == pb.ModelVersionStatus.AVAILABLE
        assert statuses(channel)[2].status.error_code != 0
        assert "saved_model.pb" in statuses(channel)[2].status.error_message
    assert callers.errors == []
    assert callers.versions == {1}


def test_a_broken_version_is_served_once_it_is_repaired(
    base: Path, versions: dict[int, Path], channel: grpc.Channel
) -> None:
    """Taken away and put again, as a deployment does it."""
    broken = write_broken_version(base, 2)
    wait_for(lambda: statuses(channel).get(2, pb.ModelVersionStatus()).state == 50)
    broken.rename(base / ".2.broken")
    time.sleep(0.3)
    copy_version(versions[2], base, 2)
    wait_for(lambda: serving(channel) == 2)


def test_a_half_written_version_is_not_touched(
    base: Path, versions: dict[int, Path], channel: grpc.Channel
) -> None:
    """Until it is renamed to its number."""
    half = shutil.copytree(versions[2], base / ".2.tmp")
    time.sleep(0.3)
    assert set(statuses(channel)) == {1}
    half.rename(base / "2")
    wait_for(lambda: serving(channel) == 2)


def test_a_model_is_added_by_the_config_file(
    base: Path, config: Path, channel: grpc.Channel
) -> None:
    """The file is read again when told so, and a wrong one changes nothing."""
    config.write_text("nonsense", encoding="utf-8")
    time.sleep(0.3)
    assert serving(channel) == 1
    both = f"model_config_list {{ {entry('tiny', base)} {entry('second', base)} }}"
    config.write_text(both, encoding="utf-8")

    def second_serves() -> bool:
        try:
            return serving(channel, "second") == 1
        except grpc.RpcError:
            return False

    wait_for(second_serves)
    assert serving(channel) == 1


def test_a_model_is_added_by_a_call(base: Path, config: Path, channel: grpc.Channel) -> None:
    """The call returns when the model serves."""
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    request = model_management_pb2.ReloadConfigRequest()
    for name in ("tiny", "third"):
        one = request.config.model_config_list.config.add()
        one.name, one.base_path, one.model_platform = name, str(base), "tensorflow"
    # The file goes first, or the next look at it takes the model away again.
    config.unlink()
    response = stub.HandleReloadConfigRequest(request, timeout=WAIT_SECONDS)
    assert response.status.error_code == 0
    assert serving(channel, "third") == 1


def test_health_follows_the_models(base: Path, channel: grpc.Channel) -> None:
    """Serving while every model has a version; not when one has none."""
    stub = health_pb2_grpc.HealthStub(channel)

    def health() -> int:
        status: int = stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status
        return status

    assert health() == health_pb2.HealthCheckResponse.SERVING
    (base / "1").rename(base / ".1.gone")
    wait_for(lambda: health() == health_pb2.HealthCheckResponse.NOT_SERVING)
    (base / ".1.gone").rename(base / "1")
    wait_for(lambda: health() == health_pb2.HealthCheckResponse.SERVING)


def test_every_answer_says_who_served(channel: grpc.Channel) -> None:
    """So that a report can tell the embedded server from the real one."""
    call = channel.unary_unary(
        GET_MODEL_STATUS,
        request_serializer=pb.GetModelStatusRequest.SerializeToString,
        response_deserializer=pb.GetModelStatusResponse.FromString,
    )
    request = pb.GetModelStatusRequest(model_spec=pb.ModelSpec(name="tiny"))
    _, details = call.with_call(request, timeout=5)
    metadata = dict(details.initial_metadata())
    assert str(metadata["x-served-by"]).startswith("mien-embedded-tensorflow/2.")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(("host", "reached"), [("::1", ["[::1]"]), ("::", ["[::1]", "127.0.0.1"])])
def test_it_listens_on_ipv6(base: Path, host: str, reached: list[str]) -> None:
    """Both ports; every interface means those of IPv4 too."""
    flags = [f"--host={host}", "--port=0", f"--rest_api_port={free_port()}", "--model_name=tiny"]
    server = EmbeddedServer(parse_flags([*flags, f"--model_base_path={base}"]))
    server.start()
    try:
        for address in reached:
            with grpc.insecure_channel(f"{address}:{server.grpc_port}") as channel:
                predict(channel)
            status = httpx.get(f"http://{address}:{server.rest_port}/v1/models/tiny")
            assert status.status_code == 200
    finally:
        server.stop()
