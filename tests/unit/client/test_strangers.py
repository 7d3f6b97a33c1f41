"""Servers that are no Mien, or a broken one: what is said of them, and how soon."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mien_client import (
    AnswerTimeoutError,
    BadAnswerError,
    MienError,
    UnavailableError,
    UnreachableError,
)
from tests.fakes.clients import opened

KINDS = ("rest", "rest-async")
Talk = Callable[[socket.socket], object]


@contextmanager
def listening(talk: Talk) -> Iterator[tuple[str, list[int]]]:
    """Talk like this with whoever connects; yields the URL, and counts connections."""
    connections: list[int] = []

    def accept(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connections.append(1)
            with connection:
                connection.settimeout(5)
                connection.recv(65536)
                talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", connections
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert not thread.is_alive()


def answering(text: str, status: str = "200 OK", headers: str = "") -> Talk:
    def talk(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{headers}Connection: close"
        connection.sendall(f"{head}\r\n\r\n{text}".encode())

    return talk


def dripping(connection: socket.socket) -> None:
    """Send an answer so slowly that no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    try:
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b" ")
    except OSError:
        return  # he has gone, as he should


def dripping_headers(connection: socket.socket) -> bool:
    """As dripping, before there is anything of the answer itself; returns whether he has gone."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: ")
    try:
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b"a")
        connection.sendall(b"\r\n\r\n{}")
    except OSError:
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (answering("<html>Welcome!</html>"), "not JSON"),
        (answering('{"hello": "world"}'), "lacks `status`"),
        (answering("Not Found", "404 Not Found"), "404 Not Found"),
        (answering("", "301 Moved", "Location: /elsewhere\r\n"), "301"),
        (answering("no gzip", headers="Content-Encoding: gzip\r\n"), "not as Mien does"),
    ],
)
def test_somebody_elses_answer(kind: str, talk: Talk, words: str) -> None:
    """What it was, and where."""
    with listening(talk) as (url, connections), opened(kind, url, "") as client:
        with pytest.raises(BadAnswerError, match=words) as caught:
            client.status()
        assert url in str(caught.value)
        assert len(connections) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "talk", [lambda _: None, lambda connection: connection.sendall(b"SSH-2.0\r\n")]
)
def test_a_connection_that_breaks_is_tried_again(kind: str, talk: Any) -> None:
    """As often as asked for."""
    with listening(talk) as (url, connections), opened(kind, url, "", retries=2) as client:
        with pytest.raises(UnreachableError, match="The connection broke") as caught:
            client.status()
        assert caught.value.connected
        assert len(connections) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["status", "notice"])
def test_a_proxy_without_a_gateway_is_asked_again(kind: str, call: str) -> None:
    """As often as asked for; also where the gateway itself says 503 when it is not ready."""
    talk = answering("<html>Oh</html>", "503 Service Unavailable")
    with listening(talk) as (url, connections), opened(kind, url, "", retries=2) as client:
        with pytest.raises(UnavailableError, match="as a proxy does"):
            getattr(client, call)()
        assert len(connections) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("talk", [dripping, dripping_headers])
def test_an_answer_that_drips(kind: str, talk: Talk) -> None:
    """The timeout holds for all of it."""
    with listening(talk) as (url, _), opened(kind, url, "", timeout=0.4) as client:
        begun = time.monotonic()
        with pytest.raises(AnswerTimeoutError, match=r"0\.4 s"):
            client.status()
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_is_used_again_keeps_the_timeout(kind: str) -> None:
    """Whichever call has opened it."""
    ended_early = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
        connection.recv(65536)
        ended_early.append(dripping_headers(connection))

    with listening(talk) as (url, connections), opened(kind, url, "", timeout=0.4) as client:
        assert client.card("a") == "a"
        with pytest.raises(AnswerTimeoutError):
            client.card("a")
        assert len(connections) == 1
    assert ended_early == [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["analyze", "upload_video"])
def test_a_server_that_reads_slowly(kind: str, call: str) -> None:
    """What is sent counts, too: the picture, or the video, is given up at the timeout."""
    picture = bytes(32_000_000)
    received = []

    def talk(connection: socket.socket) -> None:
        while piece := connection.recv(400_000):
            received.append(len(piece))
            time.sleep(0.05)

    with listening(talk) as (url, _):
        options: dict[str, float] = {} if call == "analyze" else {"timeout": 0.4}
        with opened(kind, url, "", timeout=0.4) as client, pytest.raises(AnswerTimeoutError):
            getattr(client, call)(picture, **options)
    assert sum(received) < len(picture) / 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_with_somebody_else(kind: str) -> None:
    """No WebSocket there."""
    with (
        listening(answering("hello")) as (url, _),
        opened(kind, url, "") as client,
        pytest.raises(MienError, match="127"),
    ):
        list(client.stream([b"a"], consent=True))


@pytest.mark.parametrize("kind", ["grpc", "grpc-async"])
def test_grpc_with_somebody_else(kind: str) -> None:
    """It names the address."""
    with listening(answering("hello")) as (url, _):
        grpc = url.replace("http", "grpc")
        with (
            opened(kind, "", grpc, timeout=5, retries=0) as client,
            pytest.raises(MienError, match=grpc),
        ):
            client.status()
