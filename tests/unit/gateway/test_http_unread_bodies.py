"""Refusals before the body was read: on a real socket, to clients that first send everything."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from mien_gateway.auth.rates import parse_rate
from mien_gateway.http import unread_bodies
from tests.fakes.access import keys
from tests.fakes.gateway import JPEG, FakeGateway
from tests.fakes.sockets import served

LARGE = JPEG + bytes(30_000_000)


def spent() -> FakeGateway:
    """One whose caller has no calls left after the first."""
    return FakeGateway(rate=parse_rate("1/day"))


@pytest.mark.parametrize(
    ("make", "path", "headers", "status"),
    [
        (FakeGateway, "/v1/analyze", {"Content-Type": "image/jpeg"}, 413),
        (FakeGateway, "/v1/analyze", {"Content-Type": "text/html"}, 415),
        (FakeGateway, "/v1/analyze?model=nobody", {"Content-Type": "image/jpeg"}, 404),
        (lambda: FakeGateway(keys=keys()), "/v1/analyze", {}, 401),
        (FakeGateway, "/v1/analyze", {"Origin": "https://evil.example"}, 403),
        (FakeGateway, "/v1/analyze", {"Host": "evil.example"}, 421),
        (spent, "/v1/analyze", {"Content-Type": "image/jpeg"}, 429),
    ],
    ids=["size", "type", "model", "key", "origin", "host", "rate"],
)
async def test_a_client_that_reads_last_gets_the_refusal(
    make: Callable[[], FakeGateway], path: str, headers: dict[str, str], status: int
) -> None:
    """Not a reset connection: `urllib` and `requests` send everything, then read."""

    def upload(host: str, content: bytes) -> int:
        request = urllib.request.Request(f"http://{host}{path}", content, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.read()
            return error.code

    async with served(make()) as host:
        if status == 429:
            await asyncio.to_thread(upload, host, JPEG)
        assert await asyncio.to_thread(upload, host, LARGE) == status


def answer_to(host: str, head: str, body: bytes = b"") -> bytes:
    """Send a request by hand; return everything that comes until the connection ends."""
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


async def test_who_asks_before_sending_is_answered_at_once() -> None:
    """`Expect: 100-continue`: nothing is sent, so nothing is waited for."""
    head = (
        "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        "Content-Type: image/jpeg\r\nContent-Length: 30000000"
    )
    async with served(FakeGateway()) as host:
        answer = await asyncio.to_thread(answer_to, host, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


async def test_a_connection_with_a_small_refused_body_goes_on() -> None:
    """A client that was refused asks again on the same connection."""
    refused = (
        "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/html\r\n"
        "Content-Length: 100000\r\n\r\n"
    ) + "x" * 100_000
    following = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close"
    async with served(FakeGateway()) as host:
        answer = await asyncio.to_thread(answer_to, host, refused + following)
    assert b"HTTP/1.1 415 " in answer
    assert b"HTTP/1.1 200 " in answer


async def test_who_was_too_slow_is_not_waited_for() -> None:
    """The time for the body is over."""
    head = (
        "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        "X-Request-Timeout: 0.1\r\nContent-Length: 1000"
    )
    async with served(FakeGateway()) as host:
        answer = await asyncio.to_thread(answer_to, host, head, JPEG)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    ("name", "value"), [("_MOST_BYTES", 2_000_000), ("_LONGEST_SECONDS", 0.05)]
)
async def test_no_more_is_discarded_than_is_bearable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: float
) -> None:
    """In bytes and in time: then the connection ends, whatever is still to come."""
    monkeypatch.setattr(unread_bodies, name, value)
    head = (
        "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        "Content-Length: 30000000"
    )
    async with served(FakeGateway()) as host:
        # The rest of the body never comes.
        answer = await asyncio.to_thread(answer_to, host, head, bytes(2_000_000))
    assert answer.startswith(b"HTTP/1.1 413 ")
