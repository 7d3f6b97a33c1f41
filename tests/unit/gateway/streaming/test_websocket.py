"""WS /v1/stream over a real socket."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from mien_gateway.auth.api_keys import KeyFile, line_of
from mien_gateway.auth.rates import parse_rate
from mien_gateway.errors import GatewayError, concrete_errors
from mien_gateway.http.app import create_http_app
from mien_gateway.http.problems import PROBLEMS, close_code_of
from tests.fakes.access import ALICE, BOB, Clock, key_file
from tests.fakes.gateway import JPEG, PYTORCH, TENSORFLOW, FakeGateway
from tests.fakes.sockets import served

START = {"type": "start", "consent": True}


@asynccontextmanager
async def streaming(gateway: FakeGateway) -> AsyncIterator[str]:
    """The stream's address."""
    async with served(gateway) as host:
        yield f"ws://{host}/v1/stream"


@pytest.fixture
async def address(gateway: FakeGateway) -> AsyncIterator[str]:
    """Where the stream of the fake gateway is."""
    async with streaming(gateway) as address:
        yield address


async def receive(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        document: dict[str, Any] = orjson.loads(await connection.recv())
        return document


async def send(connection: ClientConnection, document: object) -> None:
    await connection.send(orjson.dumps(document).decode())


async def ending(
    connection: ClientConnection,
) -> tuple[list[dict[str, Any]], int | None, str | None]:
    """The messages until the end, and the end's code and reason."""
    async with asyncio.timeout(5):
        messages = [orjson.loads(message) async for message in _until_the_end(connection)]
    return messages, connection.close_code, connection.close_reason


async def _until_the_end(connection: ClientConnection) -> AsyncIterator[str | bytes]:
    with suppress(ConnectionClosed):
        async for message in connection:
            yield message


async def test_frames_are_answered_and_faces_followed(address: str) -> None:
    """From the handshake to a clean end."""
    async with connect(address) as connection:
        await send(connection, {**START, "model": TENSORFLOW})
        ready = await receive(connection)
        assert (ready["type"], ready["credit"], ready["notice"]) == ("ready", 2, "/v1/notice")
        assert ready["model"]["name"] == TENSORFLOW
        for number in range(1, 4):
            await connection.send(JPEG + bytes([number]))
            result = await receive(connection)
            assert (result["type"], result["frame"], result["credit"]) == ("result", number, 2)
            assert [face["track"] for face in result["faces"]] == [1]
            assert result["model"]["name"] == TENSORFLOW
        await send(connection, {"type": "stop"})
        messages, code, _ = await ending(connection)
        assert messages == [{"type": "end", "frames": 3, "dropped_frames": 0}]
        assert code == 1000


async def test_frames_within_the_credit_are_never_dropped(address: str) -> None:
    """Two that arrive together are two that are analysed, time and again."""
    async with connect(address) as connection:
        await send(connection, START)
        credit = (await receive(connection))["credit"]
        for _ in range(20):
            for _ in range(credit):
                await connection.send(JPEG)
            results = [await receive(connection) for _ in range(credit)]
            assert [result["dropped_frames"] for result in results] == [0] * credit


async def test_a_bad_frame_does_not_end_the_stream(address: str) -> None:
    """It is answered with the same code as everywhere."""
    async with connect(address) as connection:
        await send(connection, START)
        await receive(connection)
        await connection.send(b"GIF89a, which is no picture here")
        error = await receive(connection)
        assert (error["type"], error["frame"]) == ("error", 1)
        assert error["code"] == "unsupported_media_type"
        await connection.send(JPEG)
        assert (await receive(connection))["type"] == "result"


@pytest.mark.parametrize(
    ("first", "code", "close"),
    [
        (b"\xff\xd8\xff a frame before anything was said", "consent_required", 1008),
        ('{"type": "start"}', "consent_required", 1008),
        ('{"type": "start", "consent": "yes"}', "invalid_request", 1008),
        ('{"type": "start", "consent": true, "model": "nobody"}', "unknown_model", 1008),
        ('{"type": "start", "consent": true, "smoothing_seconds": -1}', "invalid_request", 1008),
        ('{"type": "start", "consent": true, "session": "short"}', "invalid_request", 1008),
        ('{"type": "start", "consent": true, "url": "http://localhost"}', "invalid_request", 1008),
        ("no JSON at all", "invalid_request", 1008),
    ],
)
async def test_a_wrong_start_is_told_and_ends_the_stream(
    address: str, first: str | bytes, code: str, close: int
) -> None:
    """In words, and by the close code."""
    async with connect(address) as connection:
        await connection.send(first)
        messages, closed_with, reason = await ending(connection)
        assert [message["type"] for message in messages] == ["closing"]
        assert (messages[0]["code"], closed_with, reason) == (code, close, code)


async def test_a_frame_that_is_too_large_ends_the_stream(
    address: str, gateway: FakeGateway
) -> None:
    """With the code that WebSockets have for it; it is never taken into memory."""
    async with connect(address) as connection:
        await send(connection, START)
        await receive(connection)
        await connection.send(JPEG + bytes(gateway.max_image_bytes))
        _, code, _ = await ending(connection)
        assert code == 1009


async def test_a_stopping_gateway_says_goodbye(address: str, gateway: FakeGateway) -> None:
    """1001: the client should connect again, to another one."""
    async with connect(address) as connection:
        await send(connection, START)
        await receive(connection)
        gateway.core.draining.set()
        messages, code, reason = await ending(connection)
        assert messages[-1]["code"] == "shutting_down"
        assert (code, reason) == (1001, "shutting_down")


async def test_a_stream_ends_with_its_key(tmp_path: Path) -> None:
    """The first frame after the key was revoked is not analysed; others' streams go on."""
    clock = Clock()
    path = key_file(tmp_path / "keys", line_of("alice", ALICE), line_of("bob", BOB))
    gateway = FakeGateway(keys=KeyFile(path, clock))
    async with (
        streaming(gateway) as address,
        connect(address, additional_headers={"X-Api-Key": ALICE}) as alice,
        connect(address, additional_headers={"X-Api-Key": BOB}) as bob,
    ):
        for connection in (alice, bob):
            await send(connection, START)
            await receive(connection)
            await connection.send(JPEG)
            assert (await receive(connection))["type"] == "result"
        key_file(path, line_of("bob", BOB))
        clock.now += 1
        analysed = len(gateway.detector.budgets)
        await alice.send(JPEG)
        messages, code, reason = await ending(alice)
        assert [message["code"] for message in messages] == ["unauthenticated"]
        assert (code, reason) == (1008, "unauthenticated")
        assert len(gateway.detector.budgets) == analysed
        await bob.send(JPEG)
        assert (await receive(bob))["type"] == "result"


async def test_an_idle_stream_is_closed() -> None:
    """So that forgotten ones do not add up."""
    gateway = FakeGateway(settings={"stream_idle_seconds": 0.1})
    async with streaming(gateway) as address, connect(address) as connection:
        await send(connection, START)
        messages, code, reason = await ending(connection)
        assert (code, reason) == (1008, "stream_idle")
        assert messages[-1]["code"] == "stream_idle"


async def test_a_client_who_does_not_read_is_not_spoken_to() -> None:
    """He would not read the reason either: his stream ends at once."""
    gateway = FakeGateway(settings={"stream_send_seconds": 0.1})
    incoming: list[dict[str, Any]] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": orjson.dumps(START).decode()},
        {"type": "websocket.receive", "bytes": JPEG},
    ]
    tried: list[str] = []

    async def receive() -> dict[str, Any]:
        if not incoming:
            await asyncio.sleep(60)
        return incoming.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        tried.append(message["type"])
        if len(tried) > len(("accepted", "ready")):
            await asyncio.sleep(60)

    scope = {
        "type": "websocket",
        "path": "/v1/stream",
        "query_string": b"",
        "headers": [],
        "subprotocols": [],
    }
    async with asyncio.timeout(5):
        await create_http_app(gateway.core)(scope, receive, send)
    assert tried == ["websocket.accept", "websocket.send", "websocket.send"]
    labels = {"transport": "websocket", "model": PYTORCH, "outcome": "slow_reader"}
    count = gateway.metrics.registry.get_sample_value("mien_gateway_requests_total", labels)
    assert count == 1


async def test_too_many_streams_are_refused() -> None:
    """At once, and told to come back."""
    gateway = FakeGateway(settings={"max_streams": 1})
    async with streaming(gateway) as address, connect(address) as first, connect(address) as second:
        await send(first, START)
        await receive(first)
        messages, code, reason = await ending(second)
        assert (code, reason) == (1013, "overloaded")
        assert messages[-1]["retry_after_seconds"] >= 1


async def test_a_client_who_leaves_frees_what_he_held(gateway: FakeGateway) -> None:
    """The frame under way is cancelled, and his place is free."""
    gateway.detector.delay_seconds = 60
    async with streaming(gateway) as address:
        connection = await connect(address)
        await send(connection, START)
        await receive(connection)
        await connection.send(JPEG)
        await asyncio.wait_for(gateway.detector.called.wait(), 5)
        connection.transport.abort()
        await asyncio.wait_for(gateway.detector.left.wait(), 5)
        # The cancellation has only to run to its end.
        for _ in range(10):
            await asyncio.sleep(0)
        assert (gateway.core.streams.taken, gateway.core.analyzer.in_flight) == (0, 0)


async def test_frames_are_kept_in_the_session(address: str, gateway: FakeGateway) -> None:
    """When one is named."""
    async with connect(address) as connection:
        await send(connection, {**START, "session": "my-session"})
        await receive(connection)
        await connection.send(JPEG)
        result = await receive(connection)
    (entry,) = gateway.timelines.sessions["my-session"]
    assert entry.seen.faces[0].track == 1
    assert entry.seen.faces[0].label == result["faces"][0]["top"]["label"]


@pytest.mark.parametrize("kind", list(concrete_errors()), ids=lambda kind: kind.code)
def test_every_error_has_a_close_code(kind: type[GatewayError]) -> None:
    """By its status in the one table."""
    closing = close_code_of(kind.__new__(kind))
    assert closing.reason == kind.code
    status = PROBLEMS[kind].status
    expected = {413: 1009, 415: 1003, 429: 1013, 502: 1014, 503: 1013, 504: 1013}
    if kind.code == "shutting_down":
        assert closing.code == 1001
    else:
        assert closing.code == expected.get(status, 1008 if status < 500 else 1011)


async def test_frames_beyond_the_rate_are_refused_and_the_stream_goes_on() -> None:
    """With the wait; the same rate as for pictures over REST and gRPC."""
    gateway = FakeGateway(rate=parse_rate("2/day"))
    async with streaming(gateway) as address, connect(address) as connection:
        await send(connection, START)
        await receive(connection)
        for expected in ("result", "result", "error"):
            await connection.send(JPEG)
            answer = await receive(connection)
            assert answer["type"] == expected
        assert answer["code"] == "rate_limited"
        assert answer["retry_after_seconds"] > 1
        await send(connection, {"type": "stop"})
        assert (await ending(connection))[1] == 1000
