"""The door before a WebSocket: an echo behind it, on a real server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import orjson
import pytest
import uvicorn
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from mien_gateway.auth.rates import parse_rate
from mien_gateway.errors import RateLimitedError
from mien_gateway.http.app import create_http_app
from mien_gateway.http.middleware import AccessMiddleware
from mien_gateway.http.routes.stream import WebSocketProtocol
from tests.fakes.access import ALICE, BOB, keys
from tests.fakes.gateway import FakeGateway

ORIGIN = "https://example.org"


class Server(uvicorn.Server):
    """Leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


@asynccontextmanager
async def echo(gateway: FakeGateway) -> AsyncIterator[str]:
    """Answers each frame with the caller's identity, and counts it; yields the host."""
    app = create_http_app(gateway.core)

    @app.websocket("/v1/echo")
    async def stream(websocket: WebSocket) -> None:
        caller = websocket.state.caller
        await websocket.accept()
        async for _ in websocket.iter_text():
            try:
                await gateway.core.access.spend(caller)
            except RateLimitedError as error:
                await websocket.send_text(error.code)
            else:
                offered = websocket.scope["subprotocols"]
                await websocket.send_json([caller.identity, offered])

    server = Server(
        uvicorn.Config(app, loop="none", lifespan="off", log_config=None, ws=WebSocketProtocol)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


@pytest.fixture
async def host() -> AsyncIterator[str]:
    """A gateway that wants keys and lets one other origin in."""
    async with echo(FakeGateway(keys=keys("2/day"), cors_origins=(ORIGIN,))) as host:
        yield host


def connected(
    host: str,
    *,
    headers: dict[str, str] | None = None,
    subprotocols: tuple[str, ...] = (),
    origin: str | None = None,
) -> "connect":
    return connect(
        f"ws://{host}/v1/echo",
        additional_headers=headers,
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        origin=Origin(origin) if origin else None,
        proxy=None,
    )


async def answer(connection: ClientConnection) -> object:
    await connection.send("frame")
    text = await connection.recv()
    return orjson.loads(text) if text[:1] == "[" else text


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
async def test_a_key_in_a_header(host: str, header: str) -> None:
    """As in REST, for those who are no browser."""
    value = f"Bearer {BOB}" if header == "Authorization" else BOB
    async with connected(host, headers={header: value}) as connection:
        assert await answer(connection) == ["key:bob", []]
        assert connection.subprotocol is None


async def test_a_key_among_the_subprotocols(host: str) -> None:
    """As browsers can; the application does not see it, and the other one is agreed to."""
    async with connected(host, subprotocols=("mien.v1", f"mien.key.{BOB}")) as connection:
        assert await answer(connection) == ["key:bob", ["mien.v1"]]
        assert connection.subprotocol == "mien.v1"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"headers": {"X-Api-Key": "mien_wrong"}},
        {"subprotocols": ("mien.v1",)},
        {"subprotocols": ("mien.v1", "mien.key.mien_wrong")},
    ],
)
async def test_without_a_right_key_there_is_no_handshake(
    host: str, options: dict[str, dict[str, str]]
) -> None:
    """A plain 401 with a problem document."""
    with pytest.raises(InvalidStatus) as caught:
        await connected(host, **options)  # type: ignore[arg-type] # passed through
    response = caught.value.response
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="mien"'
    assert orjson.loads(response.body or b"")["code"] == "unauthenticated"


@pytest.mark.parametrize("origin", [None, ORIGIN, "http://{host}", "https://{host}"])
async def test_pages_that_may_connect(host: str, origin: str | None) -> None:
    """No page at all, one of the list, one of ours."""
    origin = origin and origin.format(host=host)
    async with connected(host, headers={"X-Api-Key": BOB}, origin=origin) as connection:
        assert await answer(connection)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", "x"])
async def test_pages_that_may_not(host: str, origin: str) -> None:
    """Though they have a key: it may be another's."""
    with pytest.raises(InvalidStatus) as caught:
        await connected(host, headers={"X-Api-Key": BOB}, origin=origin)
    response = caught.value.response
    assert response.status_code == 403
    assert orjson.loads(response.body or b"")["code"] == "origin_forbidden"


async def test_a_foreign_host_gets_no_handshake(host: str) -> None:
    """Nor does a page that has it."""
    headers = {"X-Api-Key": BOB, "Host": "evil.example", "Origin": "http://evil.example"}
    with pytest.raises(InvalidStatus) as caught:
        await connected(host, headers=headers)
    assert caught.value.response.status_code == 421
    assert orjson.loads(caught.value.response.body or b"")["code"] == "host_forbidden"


async def test_a_refused_handshake_is_no_error_of_ours(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Any page could fill the log, or set off its alerts."""
    with pytest.raises(InvalidStatus):
        await connected(host, origin="https://evil.example")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_frames_are_counted_for_all_connections_of_a_caller(host: str) -> None:
    """Two connections, one rate; the handshake itself costs nothing."""
    headers = {"X-Api-Key": ALICE}
    async with connected(host, headers=headers) as one, connected(host, headers=headers) as other:
        assert await answer(one) == ["key:alice", []]
        assert await answer(other) == ["key:alice", []]
        assert await answer(one) == "rate_limited"
        assert await answer(other) == "rate_limited"


async def test_without_keys_the_address_is_the_caller() -> None:
    """And has a rate all the same."""
    async with (
        echo(FakeGateway(rate=parse_rate("1/day"))) as host,
        connected(host) as connection,
    ):
        assert await answer(connection) == ["address:127.0.0.1", []]
        assert await answer(connection) == "rate_limited"


async def test_a_server_that_cannot_answer_closes() -> None:
    """With the code for a broken policy; such servers answer 403 by themselves."""
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    core = FakeGateway(keys=keys()).core
    middleware = AccessMiddleware(create_http_app(core), core.access, ())
    scope = {"type": "websocket", "path": "/v1/stream", "headers": [], "subprotocols": []}
    await middleware(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "unauthenticated"}]
