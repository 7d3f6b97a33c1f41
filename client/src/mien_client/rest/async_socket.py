"""A live stream over a WebSocket, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

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
from mien_client.streaming.aio import AsyncFeed
from mien_client.streaming.endings import ending
from mien_client.transport import Outcome


async def stream(
    address: Address, api_key: str | None, start: StreamStart, feed: AsyncFeed
) -> AsyncGenerator[Outcome, None]:
    """Send what the feed gives out and yield what comes of it."""
    with ending(feed, address.url), translated(address.url):
        async with (
            connect(stream_url(address), **connect_arguments(api_key, feed.seconds)) as socket,
            _sending(socket, start, feed),
        ):
            hearing = Hearing(feed)
            while not hearing.is_over:
                left = feed.seconds_left
                if left <= 0:
                    raise TimeoutError
                message = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        message = await socket.recv()
                if message is not None and (outcome := hearing.hear(message)):
                    yield outcome


@asynccontextmanager
async def _sending(
    socket: ClientConnection, start: StreamStart, feed: AsyncFeed
) -> AsyncIterator[None]:
    await socket.send(start_message(start))
    sending = asyncio.create_task(_send(socket, feed))
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: ClientConnection, feed: AsyncFeed) -> None:
    with suppress(ConnectionClosed):  # who hears the answers knows why
        async with aclosing(aiter(feed)) as frames:
            async for frame in frames:
                await socket.send(frame)
        await socket.send(STOP)
