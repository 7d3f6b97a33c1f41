"""RedisConnection against a real Redis: the ways to reach one, and whose reply is whose."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvloop
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from mien_gateway.cache import redis_connection
from mien_gateway.cache.redis_connection import RedisConnection, raise_for_error
from mien_stack.redis_server import redis_command
from tests.chaos.slow_network import Network
from tests.conftest import RedisServer
from tests.fakes.videos import until
from tests.running_system import free_ports

PASSWORD = "open-sesame"  # noqa: S105 - of a server that lives for one test
START_SECONDS = 10


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A Redis with a password: its port and its socket."""
    (port,) = free_ports(["redis"]).values()
    # The path of a socket is short.
    path = tmp_path_factory.mktemp("r") / "s"
    command = [*redis_command(port), "--requirepass", PASSWORD, "--unixsocket", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + START_SECONDS
        while not path.exists():
            assert time.monotonic() < deadline, "Redis does not start"
            time.sleep(0.02)
        yield port, path
        process.kill()


async def ask_once(url: str, *command: bytes) -> object:
    connection = RedisConnection(url, 5)
    try:
        (reply,) = raise_for_error(await connection.execute(command))
        return reply
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "place", [":{password}@127.0.0.1:{port}/3", "default:{password}@127.0.0.1:{port}/3"]
)
async def test_it_comes_in_with_the_password_to_the_right_database(
    guarded: tuple[int, Path], place: str
) -> None:
    """Both are in the URL."""
    url = "redis://" + place.format(password=PASSWORD, port=guarded[0])
    await ask_once(url, b"SET", b"which", b"three")
    assert await ask_once(url, b"GET", b"which") == b"three"
    assert await ask_once(url.removesuffix("3") + "0", b"GET", b"which") is None


async def test_it_comes_by_a_socket(guarded: tuple[int, Path]) -> None:
    """As redis-py writes it."""
    url = f"unix://:{PASSWORD}@{guarded[1]}?db=3"
    assert await ask_once(url, b"PING") == b"PONG"


async def test_without_the_password_it_is_refused(guarded: tuple[int, Path]) -> None:
    """When it connects, not at the first question."""
    with pytest.raises(ResponseError, match="NOAUTH"):
        await ask_once(f"redis://127.0.0.1:{guarded[0]}/0", b"PING")


async def test_with_a_wrong_password_it_is_refused(guarded: tuple[int, Path]) -> None:
    """And says why."""
    with pytest.raises(ResponseError, match="WRONGPASS"):
        await ask_once(f"redis://:guess@127.0.0.1:{guarded[0]}/0", b"PING")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing: it makes the certificate")
    made, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@asynccontextmanager
async def tls_before(port: int, certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    """Take TLS off before a local port; yields the port that speaks it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner = await asyncio.open_connection("127.0.0.1", port)
        try:
            while asked := await reader.read(1000):
                inner.write(asked)
                writer.write(await inner_reader.read(1000))
        finally:
            inner.close()
            writer.close()

    async with await asyncio.start_server(forward, "localhost", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_it_speaks_tls(redis_server: RedisServer, certificate: tuple[Path, Path]) -> None:
    """With `rediss://`, and only with somebody whose certificate it was told to trust."""
    async with tls_before(redis_server.port, certificate) as port:
        url = f"rediss://localhost:{port}/0"
        assert await ask_once(f"{url}?ssl_ca_certs={certificate[0]}", b"PING") == b"PONG"
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask_once(url, b"PING")


async def test_one_far_away_over_tls_is_reached(
    redis_server: RedisServer, certificate: tuple[Path, Path]
) -> None:
    """Though connecting takes longer than a caller waits, whose reply takes one round trip."""
    async with (
        tls_before(redis_server.port, certificate) as inner,
        Network(delay_seconds=0.1).before(inner) as port,
    ):
        url = f"rediss://localhost:{port}/0?ssl_ca_certs={certificate[0]}"
        connection = RedisConnection(url, 0.35)
        with pytest.raises(RedisTimeoutError):
            await connection.execute((b"PING",))

        async def answers() -> bool:
            with suppress(RedisTimeoutError):
                return await connection.execute((b"PING",)) == [b"PONG"]
            return False

        await until(answers)
        await connection.close()


async def test_replies_go_to_who_asked(redis_server: RedisServer) -> None:
    """Many ask at once, some go away before they are answered."""
    connection = RedisConnection(redis_server.url, 5)
    numbers = range(500)
    await connection.execute(*((b"SET", b"%d" % number, b"%d" % -number) for number in numbers))

    async def get(number: int) -> object:
        (reply,) = await connection.execute((b"GET", b"%d" % number))
        return reply

    asking = [asyncio.create_task(get(number)) for number in numbers]
    await asyncio.sleep(0)
    for hasty in asking[::3]:
        hasty.cancel()
    replies = await asyncio.gather(*asking, return_exceptions=True)
    right = [reply == b"%d" % -number for number, reply in zip(numbers, replies, strict=True)]
    assert all(right[1::3])
    assert all(right[2::3])
    assert all(isinstance(reply, asyncio.CancelledError) for reply in replies[::3])
    assert await get(7) == b"-7"
    await connection.close()


async def connection_id(connection: RedisConnection) -> int:
    (number,) = raise_for_error(await connection.execute((b"CLIENT", b"ID")))
    return int(number)


async def test_a_late_reply_costs_its_caller_alone(redis_server: RedisServer) -> None:
    """The connection stays, and nobody else gets what came too late."""
    network = Network()
    async with network.before(redis_server.port) as port:
        connection, patient = RedisConnection(f"redis://127.0.0.1:{port}/0", 0.05), 5
        await connection.execute((b"SET", b"a", b"early"), (b"SET", b"b", b"late"))
        known = await connection_id(connection)
        network.through.clear()
        with pytest.raises(RedisTimeoutError):
            await connection.execute((b"GET", b"b"), (b"GET", b"b"))
        connection._timeout_seconds = patient
        waiting = asyncio.create_task(connection.execute((b"GET", b"a")))
        await asyncio.sleep(0)
        network.through.set()
        assert await waiting == [b"early"]
        assert await connection_id(connection) == known
        await connection.close()


async def test_a_connection_without_replies_is_given_up(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the oldest of them is long overdue; the next caller has a new one."""
    monkeypatch.setattr(redis_connection, "OVERDUE_SECONDS", 0)
    network = Network()
    async with network.before(redis_server.port) as port:
        connection = RedisConnection(f"redis://127.0.0.1:{port}/0", 0.05)
        known = await connection_id(connection)
        network.through.clear()
        with pytest.raises(RedisTimeoutError):
            await connection.execute((b"PING",))

        async def is_given_up() -> bool:
            return not connection.is_behind

        await until(is_given_up)
        network.through.set()
        connection._timeout_seconds = 5
        assert await connection_id(connection) != known
        await connection.close()


class Blocking(asyncio.Protocol):
    """A connection whose data takes long to be worked at; Redis answers meanwhile."""

    def __init__(self, redis_server: RedisServer) -> None:
        self._redis_server = redis_server

    def data_received(self, data: bytes) -> None:
        """Keep the loop from everything else."""
        del data
        self._redis_server.resume()
        time.sleep(0.2)


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_busy_loop_is_no_silent_redis(
    redis_server: RedisServer, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """What arrived meanwhile is read before a caller is told that it is late."""

    async def ask_and_block() -> list[list[object]]:
        connection = RedisConnection(redis_server.url, 5)
        await connection.execute((b"PING",))
        connection._timeout_seconds = 0.05
        loop = asyncio.get_running_loop()
        ours, other = socket.socketpair()
        neighbour, _ = await loop.connect_accepted_socket(lambda: Blocking(redis_server), ours)
        redis_server.hang()
        asking = [asyncio.create_task(connection.execute((b"PING",), (b"PING",))) for _ in range(5)]
        try:
            await asyncio.sleep(0)
            other.send(b"x")
            return await asyncio.gather(*asking)
        finally:
            other.close()
            neighbour.close()
            await connection.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ask_and_block()) == [[b"PONG", b"PONG"]] * 5


async def test_a_refusal_is_one_reply_among_others(redis_server: RedisServer) -> None:
    """What came before it and after it was done."""
    connection = RedisConnection(redis_server.url, 5)
    first, refusal, last = await connection.execute(
        (b"SET", b"a", b"1"), (b"INCR",), (b"GET", b"a")
    )
    assert (first, last) == (b"OK", b"1")
    assert isinstance(refusal, ResponseError)
    await connection.close()


async def test_who_waits_is_told_that_the_connection_was_lost(redis_server: RedisServer) -> None:
    """At once, not at the deadline; and the next one gets a new connection."""
    connection = RedisConnection(redis_server.url, 30)
    await connection.execute((b"PING",))
    redis_server.hang()
    waiting = [asyncio.create_task(connection.execute((b"PING",), (b"PING",))) for _ in range(3)]
    await asyncio.sleep(0.05)
    redis_server.kill()
    async with asyncio.timeout(5):
        lost = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, RedisError | OSError) for one in lost)
    redis_server.start()
    assert await connection.execute((b"PING",)) == [b"PONG"]
    await connection.close()
