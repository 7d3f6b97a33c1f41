"""Takes the message of a call once there is room for it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakValueDictionary

import grpc.aio
from google.protobuf.message import DecodeError, Message

from mien_gateway.errors import InvalidRequestError, UploadTooSlowError
from mien_gateway.grpc.wrapping import Context


class Receiver:
    """Receives a bounded number of messages at a time; further calls wait.

    gRPC does not say how long a message is before it is there, so each may be as long as any.
    Until it is received, gRPC buffers no more of it than its flow control allows.
    """

    def __init__(
        self, places: int, places_per_caller: int, limit_seconds: float, limit_bytes: int = 0
    ) -> None:
        """Take the bounds; without one in bytes, gRPC's own holds."""
        self._places = asyncio.Semaphore(places)
        self._per_caller = places_per_caller
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_bytes
        self._callers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def receive(self, context: Context, caller: str) -> Any:
        """Return the one message of a call.

        Raises UploadTooSlowError, and InvalidRequestError where there is none.
        """
        message = await self._read(context, caller)
        if message is grpc.aio.EOF:
            reason = "The call has no message"
            raise InvalidRequestError(reason)
        return message

    async def stream(self, context: Context, caller: str) -> AsyncIterator[Any]:
        """Yield the messages of a call; raises UploadTooSlowError where the next does not come."""
        while (message := await self._read(context, caller)) is not grpc.aio.EOF:
            yield message

    async def _read(self, context: Context, caller: str) -> Any:
        own = self._callers.setdefault(caller, asyncio.Semaphore(self._per_caller))
        try:
            async with asyncio.timeout(self._limit_seconds), own, self._places:
                message = await context.read()
        except TimeoutError:
            raise UploadTooSlowError(self._limit_seconds) from None
        except DecodeError:
            reason = "The message cannot be parsed"
            raise InvalidRequestError(reason) from None
        if message is not grpc.aio.EOF and 0 < self._limit_bytes < size_of(message):
            message = None  # else the traceback keeps it
            reason = f"The message is longer than {self._limit_bytes} bytes"
            raise InvalidRequestError(reason)
        return message


def size_of(message: Message | bytes) -> int:
    """Return how many bytes a message has."""
    return len(message) if isinstance(message, bytes) else message.ByteSize()
