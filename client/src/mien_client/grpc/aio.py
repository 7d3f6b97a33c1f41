"""gRPC, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

import grpc.aio
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_client.address import Address
from mien_client.grpc.calls import grpc_call
from mien_client.grpc.failures import failure, has_lost_status
from mien_client.grpc.streams import frame_request, hear, start_request
from mien_client.grpc.videos import NoVideos
from mien_client.grpc.wire import metadata, open_channel
from mien_client.operations import ListModels, Operation, StreamStart
from mien_client.streaming.aio import AsyncFeed
from mien_client.streaming.endings import ending
from mien_client.transport import Outcome

T = TypeVar("T")

_Call = grpc.aio.StreamStreamCall[Any, Any]


class AsyncGrpcTransport(NoVideos):
    """Implements AsyncTransport over one channel; videos are not offered."""

    def __init__(self, address: Address, api_key: str | None) -> None:
        """Take the address; the channel is made in the event loop that uses it."""
        super().__init__(address)
        self._address = address
        self._metadata = metadata(api_key)

    async def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once."""
        call = grpc_call(operation, self._address.url)
        method = self._channel.unary_unary(
            call.path,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.answer.FromString,
        )
        try:
            answer = await method(call.request, timeout=seconds, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise failure(error, self._address.url) from error
        return call.read(answer)

    async def stream(self, start: StreamStart, feed: AsyncFeed) -> AsyncGenerator[Outcome, None]:
        """Follow live frames."""
        with ending(feed, self._address.url):
            call = EmotionServiceStub(self._channel).AnalyzeStream(metadata=self._metadata)
            async with _sending(call, start, feed):
                try:
                    while (message := await _read(call, feed)) is not grpc.aio.EOF:
                        if outcome := hear(message, feed):
                            yield outcome
                except grpc.aio.AioRpcError as error:
                    if has_lost_status(error):
                        # Who is refused a stream at the door is refused this, too.
                        await self.ask(ListModels(), feed.seconds)
                    raise failure(error, self._address.url) from error

    async def close(self) -> None:
        """Give the connections back."""
        await self._channel.close()

    @cached_property
    def _channel(self) -> grpc.aio.Channel:
        channel: grpc.aio.Channel = open_channel(self._address, grpc.aio)
        return channel


async def _read(call: _Call, feed: AsyncFeed) -> Any:
    """Return the next message; raises TimeoutError where a frame waits for it for too long."""
    # Not by a timeout around it: a read that is cancelled takes the whole call with it.
    reading = asyncio.ensure_future(call.read())
    try:
        while not reading.done():
            left = feed.seconds_left
            if left <= 0:
                raise TimeoutError
            await asyncio.wait((reading,), timeout=left)
        return reading.result()
    finally:
        reading.cancel()


@asynccontextmanager
async def _sending(call: _Call, start: StreamStart, feed: AsyncFeed) -> AsyncIterator[None]:
    sending = asyncio.create_task(_send(call, start, feed))
    try:
        yield
    finally:
        sending.cancel()
        call.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(call: _Call, start: StreamStart, feed: AsyncFeed) -> None:
    # Who reads the answers knows why a call is over.
    with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        await call.write(start_request(start))
        async with aclosing(aiter(feed)) as frames:
            async for frame in frames:
                await call.write(frame_request(frame))
        await call.done_writing()
