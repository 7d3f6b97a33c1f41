"""A live stream over a WebSocket, for threads."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from mien_client.address import Address
from mien_client.operations import StreamStart
from mien_client.rest.frames import (
    STOP,
    Hearing,
    connect_arguments,
    start_message,
    stream_url,
    translated,
)
from mien_client.streaming.endings import ending
from mien_client.streaming.feed import Feed
from mien_client.transport import Outcome


def stream(
    address: Address, api_key: str | None, start: StreamStart, feed: Feed
) -> Generator[Outcome, None, None]:
    """Send what the feed gives out and yield what comes of it."""
    with (
        ending(feed, address.url),
        translated(address.url),
        connect(stream_url(address), **connect_arguments(api_key, feed.seconds)) as socket,
        _sending(socket, start, feed),
    ):
        hearing = Hearing(feed)
        while not hearing.is_over:
            left = feed.seconds_left
            if left <= 0:
                raise TimeoutError
            with suppress(TimeoutError):
                if outcome := hearing.hear(socket.recv(timeout=left)):
                    yield outcome


@contextmanager
def _sending(socket: ClientConnection, start: StreamStart, feed: Feed) -> Iterator[None]:
    socket.send(start_message(start))
    thread = Thread(target=_send, args=(socket, feed), name="mien-frames", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # It may wait for the caller's next frame, so that it cannot be waited for.
        feed.stop()


def _send(socket: ClientConnection, feed: Feed) -> None:
    with suppress(ConnectionClosed):  # who hears the answers knows why
        for frame in feed:
            socket.send(frame)
        socket.send(STOP)
