"""One table of cases, asked over REST, WebSocket and gRPC: the same answer everywhere."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import httpx
import orjson
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceStub
from websockets.asyncio.client import connect

from mien_gateway.domain import AnalysisRequest, Deadline
from mien_gateway.errors import (
    BadDetectorAnswerError,
    BadModelAnswerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    GatewayError,
    ModelServerUnavailableError,
    OverloadedError,
    TooManyPixelsError,
    UnreadableImageError,
)
from mien_gateway.grpc.server import GrpcServer
from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import JPEG, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway
from tests.fakes.sockets import served

AWAY = ModelServerUnavailableError("torchserve", PYTORCH)
NUMBERS_OUT_OF_RANGE = (math.nan, math.inf, -math.inf, -1.0, 1e30)


@dataclass(frozen=True)
class Case:
    """What is asked, in which state of the parts, and what must come."""

    name: str
    expected: str | tuple[int, str]
    """An error's code, or the number of faces and who served."""
    image: bytes = JPEG
    model: str = PYTORCH
    allow_twin: bool = False
    detects: tuple[bytes, ...] | GatewayError | None = None
    detector: GatewayError | None = None
    torchserve: GatewayError | None = None
    max_in_flight: int = 300


CASES = (
    Case("one face", (1, "torchserve")),
    Case("the twin", (1, "tensorflow-serving"), model=TENSORFLOW),
    Case("the default model", (1, "torchserve"), model=""),
    Case("three faces", (3, "torchserve"), detects=(b"a", b"b", b"c")),
    Case("nobody", (0, ""), image=NO_FACE),
    Case("nothing", "empty_image", image=b""),
    Case("a GIF", "unsupported_media_type", image=b"GIF89a"),
    Case("a text", "unsupported_media_type", image=b"hello"),
    Case("half a picture", "unreadable_image", detects=UnreadableImageError()),
    Case("too many pixels", "too_many_pixels", detects=TooManyPixelsError()),
    Case("an unknown model", "unknown_model", model="nobody"),
    Case("the detector away", "detector_unavailable", detector=DetectorUnavailableError()),
    Case("the detector busy", "overloaded", detects=OverloadedError("The face detector")),
    Case("nonsense of the detector", "bad_detector_answer", detects=BadDetectorAnswerError("x")),
    Case("the server away", "model_server_unavailable", torchserve=AWAY),
    Case(
        "the server away, twin allowed", (1, "tensorflow-serving"), torchserve=AWAY, allow_twin=True
    ),
    Case("nonsense of the server", "bad_model_answer", torchserve=BadModelAnswerError("it", "x")),
    Case("time over", "deadline_exceeded", detects=DeadlineExceededError("the face detector")),
    Case("full", "overloaded", max_in_flight=1),
)

Answer = tuple[int, str] | str
Ask = Callable[[FakeGateway, Case], Awaitable[Answer]]


async def over_rest(gateway: FakeGateway, case: Case) -> Answer:
    async with served(gateway) as host, httpx.AsyncClient(base_url=f"http://{host}") as client:
        response = await client.post(
            "/v1/analyze",
            params={"model": case.model, "allow_twin": str(case.allow_twin).lower()},
            content=case.image,
        )
    document = response.json()
    if response.status_code != httpx.codes.OK:
        return str(document["code"])
    return _summary(document)


async def over_websocket(gateway: FakeGateway, case: Case) -> Answer:
    start = {
        "type": "start",
        "consent": True,
        "model": case.model,
        "allow_twin": case.allow_twin,
    }
    async with served(gateway) as host, connect(f"ws://{host}/v1/stream") as connection:
        await connection.send(orjson.dumps(start).decode())
        document = orjson.loads(await connection.recv())
        if document["type"] == "ready":
            await connection.send(case.image)
            document = orjson.loads(await connection.recv())
    return _summary(document) if document["type"] == "result" else str(document["code"])


def _summary(document: dict[str, Any]) -> Answer:
    return len(document["faces"]), document["served_by"]


async def over_grpc(gateway: FakeGateway, case: Case) -> Answer:
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    request = pb.AnalyzeRequest(image=case.image, model=case.model, allow_twin=case.allow_twin)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            response = await EmotionServiceStub(channel).Analyze(request, timeout=5)
    except grpc.aio.AioRpcError as error:
        status, info = rpc_status.from_call(error), error_details_pb2.ErrorInfo()
        assert status
        assert status.details[0].Unpack(info)
        return str(info.reason)
    finally:
        await server.stop(0)
    return len(response.faces), response.served_by


@pytest.fixture
async def prepared(case: Case) -> AsyncIterator[FakeGateway]:
    """The gateway in the case's state."""
    gateway = FakeGateway(max_in_flight=case.max_in_flight)
    if case.detects is not None:
        gateway.detector.outcomes[case.image] = case.detects
    gateway.detector.away = case.detector
    gateway.torchserve.away = case.torchserve
    async with AsyncExitStack() as stack:
        if case.max_in_flight == 1:
            await stack.enter_async_context(one_under_way(gateway))
        yield gateway
    await gateway.analyzer.settle()


@asynccontextmanager
async def one_under_way(gateway: FakeGateway) -> AsyncIterator[None]:
    """Keep an analysis busy."""
    gateway.detector.delay_seconds = 60
    asked = AnalysisRequest(image=JPEG + b"another", deadline=Deadline.after(60))
    task = asyncio.create_task(gateway.analyzer.analyze(asked))
    await gateway.detector.called.wait()
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("ask", [over_rest, over_websocket, over_grpc])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_every_transport_says_the_same(prepared: FakeGateway, case: Case, ask: Ask) -> None:
    """The same faces by the same server, or the same code."""
    assert await ask(prepared, case) == case.expected


Refuse = Callable[[FakeGateway, str, float], Awaitable[tuple[str, str]]]


async def rest_refuses(gateway: FakeGateway, option: str, value: float) -> tuple[str, str]:
    """The code and the detail of the answer to an option of the query."""
    transport = httpx.ASGITransport(create_http_app(gateway.core))
    path, _, name = option.partition(" ")
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        response = await client.post(path, params={name: str(value)}, content=JPEG)
    document = response.json()
    assert response.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    return document["code"], document["detail"]


async def websocket_refuses(gateway: FakeGateway, option: str, value: float) -> tuple[str, str]:
    """The code and the detail of the answer to a field of the start."""
    number = {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, str(value))
    start = f'{{"type": "start", "consent": true, "{option}": {number.replace("nan", "NaN")}}}'
    async with served(gateway) as host, connect(f"ws://{host}/v1/stream") as connection:
        await connection.send(start)
        document = orjson.loads(await connection.recv())
    return document["code"], document["detail"]


async def grpc_call(channel: grpc.aio.Channel, message: str, fields: Any) -> None:
    """Send a message with these fields, and whatever must come before it."""
    stub = EmotionServiceStub(channel)
    if message == "analyze":
        await stub.Analyze(pb.AnalyzeRequest(image=JPEG, **fields), timeout=5)
        return
    if message == "explain":
        await stub.Explain(pb.ExplainRequest(image=JPEG, **fields), timeout=5)
        return
    options, frame = (fields, None) if message == "start" else ({}, fields)
    requests = [pb.AnalyzeStreamRequest(start=pb.StreamStart(consent=True, **options))]
    if frame:
        requests.append(pb.AnalyzeStreamRequest(frame=pb.StreamFrame(image=JPEG, **frame)))
    async for _ in stub.AnalyzeStream(iter(requests), timeout=5):
        pass


async def grpc_refuses(gateway: FakeGateway, option: str, value: float) -> tuple[str, str]:
    """The reason and the detail of the answer to a field of a message."""
    message, _, name = option.partition(".")
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await grpc_call(channel, message, {name: value})
    await server.stop(0)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    status, info = rpc_status.from_call(caught.value), error_details_pb2.ErrorInfo()
    assert status
    assert status.details[0].Unpack(info)
    return info.reason, status.message


@pytest.mark.parametrize("value", NUMBERS_OUT_OF_RANGE)
@pytest.mark.parametrize(
    ("ask", "option"),
    [
        (rest_refuses, "/v1/analyze minimum_confidence"),
        (rest_refuses, "/v1/explain minimum_confidence"),
        (websocket_refuses, "minimum_confidence"),
        (websocket_refuses, "smoothing_seconds"),
        (websocket_refuses, "hold_seconds"),
        (grpc_refuses, "analyze.minimum_confidence"),
        (grpc_refuses, "explain.minimum_confidence"),
        (grpc_refuses, "start.minimum_confidence"),
        (grpc_refuses, "start.smoothing_seconds"),
        (grpc_refuses, "start.hold_seconds"),
        (grpc_refuses, "frame.taken_at_seconds"),
    ],
)
async def test_every_transport_refuses_a_number_out_of_range(
    gateway: FakeGateway, ask: Refuse, option: str, value: float
) -> None:
    """Not a number, infinite, negative or huge: the same code, naming the option."""
    code, detail = await ask(gateway, option, value)
    name = option.replace(".", " ").rpartition(" ")[2]
    assert (code, name in detail) == ("invalid_request", True)
    if name == "minimum_confidence" and ask is not websocket_refuses:
        assert detail == "`minimum_confidence` must be a number from 0 to 1"
