"""gRPC, for threads."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TypeVar

import grpc
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_client.address import Address
from mien_client.grpc.calls import grpc_call
from mien_client.grpc.failures import failure
from mien_client.grpc.streams import frame_request, hear, start_request
from mien_client.grpc.videos import NoVideos
from mien_client.grpc.wire import metadata, open_channel
from mien_client.operations import Operation, StreamStart
from mien_client.streaming.endings import ending
from mien_client.streaming.feed import Feed
from mien_client.transport import Outcome

T = TypeVar("T")


class GrpcTransport(NoVideos):
    """Implements Transport over one channel; videos are not offered."""

    def __init__(self, address: Address, api_key: str | None) -> None:
        """Make a channel; nothing is opened yet."""
        super().__init__(address)
        self._address = address
        self._metadata = metadata(api_key)
        self._channel: grpc.Channel = open_channel(address, grpc)

    def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once."""
        call = grpc_call(operation, self._address.url)
        method = self._channel.unary_unary(
            call.path,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.answer.FromString,
        )
        try:
            answer = method(call.request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise failure(error, self._address.url) from error
        return call.read(answer)

    def stream(self, start: StreamStart, feed: Feed) -> Generator[Outcome, None, None]:
        """Follow live frames; gRPC takes them in a thread of its own."""
        stub = EmotionServiceStub(self._channel)
        with ending(feed, self._address.url):
            call = stub.AnalyzeStream(_requests(start, feed), metadata=self._metadata)
            with _watched(feed, call):
                try:
                    for message in call:
                        if outcome := hear(message, feed):
                            yield outcome
                except grpc.RpcError as error:
                    if feed.seconds_left <= 0:
                        raise TimeoutError from error
                    raise failure(error, self._address.url) from error

    def close(self) -> None:
        """Give the connections back."""
        self._channel.close()


def _requests(start: StreamStart, feed: Feed) -> Iterator[pb.AnalyzeStreamRequest]:
    yield start_request(start)
    yield from map(frame_request, feed)


@contextmanager
def _watched(feed: Feed, call: grpc.Call) -> Iterator[None]:
    """End a call that is silent for too long, and in any case afterwards."""
    over = Event()

    def watch() -> None:
        while not over.wait(max(feed.seconds_left, 0)):
            if feed.seconds_left <= 0:
                call.cancel()
                return

    Thread(target=watch, name="mien-stream-watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        feed.stop()
        call.cancel()
