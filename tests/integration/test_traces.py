"""Traces through a gateway and a face-detector that run as processes, to a real collector."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import grpc.aio
import httpx
import orjson
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from mien.third_party import torchserve_pb2
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import EmotionServiceStub
from websockets.asyncio.client import connect

from mien_gateway.auth.api_keys import line_of
from mien_gateway.errors import ModelServerUnavailableError
from tests.fakes.access import ALICE, key_file
from tests.fakes.gateway import PYTORCH, TENSORFLOW, FakeBackend
from tests.fakes.gateway_wire import Context, WireTensorFlow, WireTorchServe, serving
from tests.fakes.otlp import Collector, Span, collecting
from tests.fakes.pictures import SAMPLE
from tests.fakes.processes import Service, started
from tests.fakes.registry import write_registry

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
SESSION = "a-session-nobody-may-see"
GATEWAY, DETECTOR = "mien-gateway", "mien-detector"
SERVER = 2
ALLOWED = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "rpc.system",
    "rpc.grpc.status",
    "mien.outcome",
    "mien.model",
    "mien.version",
    "mien.framework",
    "mien.faces",
    "mien.batch_size",
    "mien.lookup",
    "mien.hit",
    "mien.miss",
    "mien.away",
}


class WatchedTorchServe(WireTorchServe):
    """Notes what metadata predictions came with."""

    def __init__(self, backend: FakeBackend) -> None:
        super().__init__(backend)
        self.heard: list[dict[str, str | bytes]] = []

    async def Predictions(  # noqa: N802 - named by the contract
        self, request: torchserve_pb2.PredictionsRequest, context: Context
    ) -> torchserve_pb2.PredictionResponse:
        """Note, and answer."""
        self.heard.append(dict(context.invocation_metadata() or ()))
        return await super().Predictions(request, context)


@dataclass
class System:
    """Two services of ours, between a model server and a collector of the test's."""

    collector: Collector
    gateway: Service
    detector: Service
    torchserve: WatchedTorchServe
    explanations: list[str | None]
    """The `traceparent` of each request to TorchServe's REST."""

    @property
    def rest(self) -> str:
        """Where REST is."""
        return f"http://{self.gateway.entry['rest']}"

    @property
    def headers(self) -> dict[str, str]:
        """What a caller sends who has a trace of his own."""
        return {"traceparent": TRACEPARENT, "X-Api-Key": ALICE, "X-Request-Id": "the-request"}

    def one(self, name: str, service: str = GATEWAY) -> Span:
        """Return the only span of that name."""
        (span,) = self.collector.named(name, service)
        return span

    async def stop(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Stop both, which sends what spans are left; return what they logged."""
        return await self.gateway.stop(), await self.detector.stop()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def torchserve_rest() -> Iterator[tuple[str, list[str | None]]]:
    """A TorchServe that refuses to explain, and what it was asked with."""
    heard: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers["traceparent"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


@pytest.fixture
async def system(
    collector: Collector, torchserve_rest: tuple[str, list[str | None]], tmp_path: Path
) -> AsyncIterator[System]:
    """Everything runs, and traces are on."""
    torchserve = WatchedTorchServe(FakeBackend("torchserve"))
    tensorflow = WireTensorFlow(FakeBackend("tensorflow-serving"))
    async with AsyncExitStack() as running:
        models = await running.enter_async_context(serving(torchserve, tensorflow))
        detector = await running.enter_async_context(
            started(
                "mien_detector",
                "serving",
                {
                    "MIEN_DETECTOR_ADDRESS": "127.0.0.1:0",
                    "MIEN_DETECTOR_DETECTOR": "libfacedetection",
                    "MIEN_DETECTOR_OTLP_ENDPOINT": collector.url,
                },
            )
        )
        gateway = await running.enter_async_context(
            started(
                "mien_gateway",
                "listening",
                {
                    "MIEN_GATEWAY_REST_PORT": "0",
                    "MIEN_GATEWAY_GRPC_PORT": "0",
                    "MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{detector.entry['port']}",
                    "MIEN_GATEWAY_TORCHSERVE_TARGET": models,
                    "MIEN_GATEWAY_TORCHSERVE_REST_URL": torchserve_rest[0],
                    "MIEN_GATEWAY_TENSORFLOW_TARGET": models,
                    "MIEN_GATEWAY_REDIS_URL": "",
                    "MIEN_GATEWAY_REGISTRY": str(write_registry(tmp_path / "registry.yaml")),
                    "MIEN_GATEWAY_PROBE_INTERVAL_SECONDS": "0.1",
                    "MIEN_GATEWAY_API_KEYS_FILE": str(
                        key_file(tmp_path / "keys", line_of("alice", ALICE))
                    ),
                    "MIEN_GATEWAY_OTLP_ENDPOINT": collector.url,
                },
            )
        )
        yield System(collector, gateway, detector, torchserve, torchserve_rest[1])


async def test_one_trace_leads_from_the_caller_through_both_services(system: System) -> None:
    """Parents and children are right, and what is said of them is what may be said."""
    async with httpx.AsyncClient(base_url=system.rest, headers=system.headers) as client:
        await client.post(
            f"/v1/analyze?model={PYTORCH}&session={SESSION}", content=SAMPLE.read_bytes()
        )
        await client.get(f"/v1/sessions/{SESSION}/timeline")
        for path in ("/healthz", "/readyz", "/metrics"):
            await client.get(path)
    await system.stop()
    spans = system.collector.spans
    assert {span.trace_id for span in spans} == {TRACE}
    request = system.one("POST /v1/analyze")
    assert (request.parent_id, request.kind) == (PARENT, SERVER)
    stages = ["cache", "detect", "cache", "infer"]
    assert [one.name for one in spans if one.parent_id == request.span_id] == stages
    call = system.one("mien.v1.FaceDetector/Detect", DETECTOR)
    assert (call.parent_id, call.kind) == (system.one("detect").span_id, SERVER)
    inside = [one.name for one in spans if one.parent_id == call.span_id]
    assert inside == ["decode", "detect", "crop"]
    assert system.torchserve.heard[-1]["traceparent"] == (
        f"00-{TRACE}-{system.one('infer').span_id}-01"
    )
    assert system.one("infer").attributes == {
        "mien.outcome": "ok",
        "mien.model": PYTORCH,
        "mien.version": 3,
        "mien.framework": "pytorch",
        "mien.batch_size": 1,
    }
    assert system.one("detect").attributes["mien.faces"] == 1
    assert request.attributes["http.response.status_code"] == 200
    assert system.one("GET /v1/sessions/{session}/timeline").failed
    assert len(spans) == 10
    assert_discreet(system.collector)


def assert_discreet(collector: Collector) -> None:
    """Nothing is told but what is on the list; no key, session, address or byte of a picture."""
    for span in collector.spans:
        assert set(span.attributes) <= ALLOWED
    picture = SAMPLE.read_bytes()
    for secret in (ALICE.encode(), SESSION.encode(), b"127.0.0.1", picture[1000:1016]):
        assert not any(secret in raw for raw in collector.raw)


async def test_every_other_way_in_is_traced(system: System) -> None:
    """A gRPC call, a frame over gRPC and one over a WebSocket, each in its caller's trace."""
    photo = SAMPLE.read_bytes()
    metadata = (("traceparent", TRACEPARENT), ("x-api-key", ALICE))
    start = emotion_pb2.AnalyzeStreamRequest(
        start=emotion_pb2.StreamStart(consent=True, model=TENSORFLOW)
    )
    frame = emotion_pb2.AnalyzeStreamRequest(frame=emotion_pb2.StreamFrame(image=photo))
    async with grpc.aio.insecure_channel(str(system.gateway.entry["grpc"])) as channel:
        stub = EmotionServiceStub(channel)
        await stub.Analyze(emotion_pb2.AnalyzeRequest(image=photo), metadata=metadata)
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.Compare(emotion_pb2.CompareRequest(image=b"x"), metadata=metadata)
        call = stub.AnalyzeStream(iter([start, frame]), metadata=metadata)
        assert [answer.WhichOneof("response") async for answer in call] == ["ready", "result"]
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    url = f"ws://{system.gateway.entry['rest']}/v1/stream"
    async with connect(url, additional_headers=system.headers) as connection:
        await connection.send(orjson.dumps({"type": "start", "consent": True}).decode())
        await connection.recv()
        await connection.send(photo)
        assert orjson.loads(await connection.recv())["type"] == "result"
        await connection.send(b"no picture")
        assert orjson.loads(await connection.recv())["type"] == "error"
    await system.stop()
    assert {span.trace_id for span in system.collector.spans} == {TRACE}
    ways = [span for span in system.collector.spans if span.parent_id == PARENT]
    assert [(span.name, span.attributes["mien.outcome"]) for span in ways] == [
        ("mien.v1.EmotionService/Analyze", "ok"),
        ("mien.v1.EmotionService/Compare", "unsupported_media_type"),
        ("grpc-stream frame", "ok"),
        ("websocket frame", "ok"),
        ("websocket frame", "unsupported_media_type"),
    ]
    assert {span.kind for span in ways} == {SERVER}
    assert not any(span.failed for span in ways)
    assert len(system.collector.named("mien.v1.FaceDetector/Detect", DETECTOR)) == 3
    assert_discreet(system.collector)


async def test_what_fails_is_told_and_leads_to_the_log(system: System) -> None:
    """The outcome's code on every level, the trace and the request in the log's entries."""
    async with httpx.AsyncClient(base_url=system.rest, headers=system.headers) as client:
        photo = SAMPLE.read_bytes()
        explained = await client.post(f"/v1/explain?model={PYTORCH}", content=photo)
        refused = await client.post("/v1/analyze", content=photo[:2000])
        unknown = await client.post("/v1/analyze", headers={"X-Api-Key": "wrong"})
        bad = await client.get("/no/such/path")
        system.torchserve.backend.away = ModelServerUnavailableError("torchserve", PYTORCH)
        helped = await client.post(f"/v1/analyze?model={PYTORCH}&allow_twin=true", content=photo)
    answers = (explained, refused, unknown, bad, helped)
    assert [answer.status_code for answer in answers] == [503, 422, 401, 404, 200]
    gateway_log, _ = await system.stop()
    explain = system.one("explain")
    assert system.explanations == [f"00-{TRACE}-{explain.span_id}-01"]
    assert explain.attributes["mien.outcome"] == "model_server_unavailable"
    assert explain.failed
    outcomes = {
        (span.name, span.attributes["mien.outcome"])
        for span in system.collector.spans
        if span.parent_id == PARENT
    }
    assert outcomes == {
        ("POST /v1/explain", "model_server_unavailable"),
        ("POST /v1/analyze", "unreadable_image"),
        ("POST", "unauthenticated"),
        ("GET", "not_found"),
        ("POST /v1/analyze", "ok"),
    }
    (entry,) = (entry for entry in gateway_log if entry["event"] == "the twin answered")
    assert (entry["trace_id"], entry["request_id"]) == (TRACE, "the-request")
    assert_discreet(system.collector)


async def test_without_an_endpoint_nothing_is_sent(collector: Collector, tmp_path: Path) -> None:
    """Whatever OpenTelemetry's own variables say; and the caller's trace goes no further."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_EXPORTER": "otlp",
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
        "MIEN_GATEWAY_TORCHSERVE_TARGET": "127.0.0.1:1",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": "127.0.0.1:1",
        "MIEN_GATEWAY_DETECTOR_TARGET": "127.0.0.1:1",
        "MIEN_GATEWAY_REDIS_URL": "",
        "MIEN_GATEWAY_REGISTRY": str(write_registry(tmp_path / "registry.yaml")),
    }
    async with started("mien_gateway", "listening", environment) as gateway:
        rest = f"http://{gateway.entry['rest']}"
        async with httpx.AsyncClient(base_url=rest, headers={"traceparent": TRACEPARENT}) as client:
            assert (await client.get("/v1/models")).status_code == 200
        await gateway.stop()
    assert collector.connections == 0
