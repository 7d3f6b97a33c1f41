"""The gateway as a process, between neighbours that speak the real wire, and a real Redis."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
import httpx
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_gateway.grpc.server import SERVICE
from tests.conftest import RedisServer
from tests.fakes.gateway import (
    JPEG,
    TENSORFLOW,
    FakeBackend,
    FakeDetector,
)
from tests.fakes.gateway_wire import WireDetector, WireTensorFlow, WireTorchServe, serving

START_SECONDS = 30
MEMORY_BYTES = 150_000_000


@dataclass
class Neighbours:
    """What the gateway calls."""

    detector: FakeDetector = field(default_factory=FakeDetector)
    torchserve: FakeBackend = field(default_factory=lambda: FakeBackend("torchserve"))
    tensorflow: FakeBackend = field(default_factory=lambda: FakeBackend("tensorflow-serving"))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve them all at one target."""
        parts = (
            WireDetector(self.detector),
            WireTorchServe(self.torchserve),
            WireTensorFlow(self.tensorflow),
        )
        async with serving(*parts) as target:
            yield target


@dataclass
class Gateway:
    """A running gateway."""

    process: Process
    rest: str
    grpc: str

    async def stop(self) -> int:
        """Ask it to stop, and return its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


@pytest.fixture
async def neighbours() -> Neighbours:
    """Neighbours that answer at once."""
    return Neighbours()


async def start(environment: dict[str, str]) -> tuple[Process, dict[str, object]]:
    """Start a gateway; return it with the entry that says where it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mien_gateway", env=os.environ | environment, stderr=PIPE
    )
    assert process.stderr
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stderr:
            entry = json.loads(line)
            if entry["event"] == "listening":
                return process, entry
    raise AssertionError(await process.wait())


@pytest.fixture
async def gateway(
    neighbours: Neighbours, registry_file: Path, redis_server: RedisServer
) -> AsyncIterator[Gateway]:
    """A gateway that is ready."""
    async with neighbours.serving() as target:
        process, entry = await start(
            {
                "MIEN_GATEWAY_REST_PORT": "0",
                "MIEN_GATEWAY_GRPC_PORT": "0",
                "MIEN_GATEWAY_DETECTOR_TARGET": target,
                "MIEN_GATEWAY_TORCHSERVE_TARGET": target,
                "MIEN_GATEWAY_TENSORFLOW_TARGET": target,
                "MIEN_GATEWAY_REDIS_URL": redis_server.url,
                "MIEN_GATEWAY_REGISTRY": str(registry_file),
                "MIEN_GATEWAY_PROBE_INTERVAL_SECONDS": "0.1",
                "MIEN_GATEWAY_REDIS_TIMEOUT_SECONDS": "0.5",
                "MIEN_GATEWAY_CALLER_SHARE": "1",  # all have one address here
            }
        )
        gateway = Gateway(process, f"http://{entry['rest']}", str(entry["grpc"]))
        async with httpx.AsyncClient(base_url=gateway.rest) as client:
            await until_ready(client)
        yield gateway
        await gateway.stop()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client."""
    async with httpx.AsyncClient(base_url=gateway.rest, timeout=30) as client:
        yield client


async def until_ready(client: httpx.AsyncClient) -> None:
    for _ in range(100):
        if (await client.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the gateway does not become ready")


async def test_one_core_behind_both_transports(
    client: httpx.AsyncClient, gateway: Gateway, neighbours: Neighbours
) -> None:
    """What REST computed, gRPC finds in the cache, and health says that it serves."""
    rest = (await client.post(f"/v1/analyze?model={TENSORFLOW}", content=JPEG)).json()
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        answer = await EmotionServiceStub(channel).Analyze(
            emotion_pb2.AnalyzeRequest(image=JPEG, model=TENSORFLOW), timeout=5
        )
        health = await health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service=SERVICE), timeout=5
        )
    assert (rest["cache"], rest["served_by"]) == ("miss", "tensorflow-serving")
    assert answer.cache == emotion_pb2.CACHE_STATUS_HIT
    assert answer.faces[0].top.label == rest["faces"][0]["top"]["label"]
    assert len(neighbours.tensorflow.calls) == 1
    assert health.status == health_pb2.HealthCheckResponse.SERVING


async def test_it_stays_small(client: httpx.AsyncClient, gateway: Gateway) -> None:
    """In memory, and it knows no framework."""
    for number in range(200):
        await client.post("/v1/analyze", content=JPEG + bytes(20_000 + number))
    process = psutil.Process(gateway.process.pid)
    assert process.memory_info().rss < MEMORY_BYTES
    libraries = " ".join(region.path for region in process.memory_maps())
    assert "tensorflow" not in libraries
    assert "libtorch" not in libraries


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it does not happen")


def chunks(length: int) -> Iterator[bytes]:
    """A body of unannounced length."""
    yield JPEG
    for _ in range(length // 100_000):
        yield bytes(100_000)


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_uploads_of_30_mb_are_refused_and_take_no_memory(
    gateway: Gateway, *, announced: bool
) -> None:
    """Many at a time, of every kind; another caller is answered meanwhile."""
    process = psutil.Process(gateway.process.pid)
    before = process.memory_info().rss
    peak = before

    def upload(content_type: str) -> httpx.Response:
        body = JPEG + bytes(30_000_000) if announced else chunks(30_000_000)
        headers = {"Content-Type": content_type}
        return httpx.post(f"{gateway.rest}/v1/analyze", content=body, headers=headers, timeout=30)

    kinds = ("image/jpeg", "application/json", "multipart/form-data") * 2
    uploads = [asyncio.create_task(asyncio.to_thread(upload, kind)) for kind in kinds]
    async with httpx.AsyncClient(base_url=gateway.rest, timeout=30) as client:
        while not all(upload.done() for upload in uploads):
            peak = max(peak, process.memory_info().rss)
            assert (await client.post("/v1/analyze", content=JPEG)).status_code == 200
            await asyncio.sleep(0.01)
    for done in uploads:
        assert done.result().status_code == 413
        assert done.result().json()["code"] == "image_too_large"
    # Six bodies would be 180 MB; up to the limit each may be held while it arrives.
    assert peak - before < (20_000_000 if announced else 6 * 20_000_000)


async def test_sigterm_finishes_what_is_under_way(
    client: httpx.AsyncClient, gateway: Gateway, neighbours: Neighbours
) -> None:
    """REST and gRPC callers get their right answers, new ones are refused, the exit is clean."""
    neighbours.detector.delay_seconds = 1
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        stub = EmotionServiceStub(channel)
        rest = [
            asyncio.create_task(client.post("/v1/analyze", content=JPEG + bytes([number])))
            for number in range(6)
        ]
        call = stub.Analyze(emotion_pb2.AnalyzeRequest(image=JPEG), timeout=10)
        await call.wait_for_connection()
        await eventually(lambda: len(neighbours.detector.budgets) == 7)
        started = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        async with httpx.AsyncClient() as newcomer:
            with pytest.raises(httpx.ConnectError):
                await newcomer.get(f"{gateway.rest}/healthz")
        for answer in await asyncio.gather(*rest):
            assert answer.status_code == 200
            assert len(answer.json()["faces"]) == 1
        assert len((await call).faces) == 1
    assert await asyncio.wait_for(gateway.process.wait(), 10) == 0
    assert time.monotonic() - started < 10


async def test_redis_going_and_coming_is_no_error(
    client: httpx.AsyncClient, redis_server: RedisServer
) -> None:
    """Slower, never wrong; still ready."""
    assert (await client.post("/v1/analyze", content=JPEG)).json()["cache"] == "miss"
    redis_server.kill()
    for _ in range(5):
        response = await client.post("/v1/analyze", content=JPEG)
        assert (response.status_code, response.json()["cache"]) == (200, "bypass")
    for _ in range(100):  # it is looked at every now and then
        ready = await client.get("/readyz")
        if ready.json()["parts"]["redis"] == "down":
            break
        await asyncio.sleep(0.05)
    assert (ready.status_code, ready.json()["parts"]["redis"]) == (200, "down")
    redis_server.start()
    states = set()
    for _ in range(50):
        states.add((await client.post("/v1/analyze", content=JPEG)).json()["cache"])
        await asyncio.sleep(0.1)
        if "hit" in states:
            break
    assert "hit" in states


@pytest.mark.parametrize("transport", ["rest", "grpc"])
async def test_a_port_in_use_ends_the_start_with_a_sentence(
    registry_file: Path, transport: str
) -> None:
    """Exit status 2, the port and its setting."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"MIEN_GATEWAY_REST_PORT": "0", "MIEN_GATEWAY_GRPC_PORT": "0"}
        environment = {
            **ports,
            f"MIEN_GATEWAY_{transport.upper()}_PORT": port,
            "MIEN_GATEWAY_REGISTRY": str(registry_file),
            "MIEN_GATEWAY_REDIS_URL": "",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mien_gateway", env=os.environ | environment, stderr=PIPE
        )
        _, output = await asyncio.wait_for(process.communicate(), START_SECONDS)
    words = output.decode()
    assert process.returncode == 2
    assert port in words
    assert f"MIEN_GATEWAY_{transport.upper()}_PORT" in words
    assert "Traceback" not in words


async def test_without_neighbours_it_says_what_is_missing(registry_file: Path) -> None:
    """It starts, is alive, is not ready, and names the part in its answers."""
    process, entry = await start(
        {
            "MIEN_GATEWAY_REST_PORT": "0",
            "MIEN_GATEWAY_GRPC_PORT": "0",
            "MIEN_GATEWAY_DETECTOR_TARGET": "127.0.0.1:1",
            "MIEN_GATEWAY_TORCHSERVE_TARGET": "127.0.0.1:1",
            "MIEN_GATEWAY_TENSORFLOW_TARGET": "127.0.0.1:1",
            "MIEN_GATEWAY_REGISTRY": str(registry_file),
            "MIEN_GATEWAY_REDIS_URL": "",
        }
    )
    gateway = Gateway(process, f"http://{entry['rest']}", str(entry["grpc"]))
    async with httpx.AsyncClient(base_url=gateway.rest) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        answer = await client.post("/v1/analyze", content=JPEG)
    assert ready.status_code == 503
    assert ready.json()["parts"] == {
        "face-detector": "down",
        "torchserve": "down",
        "tensorflow-serving": "down",
        "redis": "off",
    }
    assert (answer.status_code, answer.json()["code"]) == (503, "detector_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert await gateway.stop() == 0


async def test_a_sender_who_stalls_holds_up_nobody(
    client: httpx.AsyncClient, gateway: Gateway
) -> None:
    """Half a request, and silence: the next caller is answered at once."""
    host, _, port = gateway.rest.removeprefix("http://").partition(":")
    stalled = [socket.create_connection((host, int(port))) for _ in range(50)]
    for connection in stalled:
        connection.sendall(
            b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n\xff\xd8"
        )
    started = time.monotonic()
    assert (await client.post("/v1/analyze", content=JPEG)).status_code == 200
    assert time.monotonic() - started < 5
    for connection in stalled:
        connection.close()
