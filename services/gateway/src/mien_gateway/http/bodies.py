"""Takes a request's body in, and never more of it than is allowed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request

from mien_gateway.deadline import Deadline
from mien_gateway.errors import ImageTooLargeError, InvalidRequestError, UploadTooSlowError
from mien_gateway.steadiness.fair_limit import FairLimit, Reservation

T = TypeVar("T")

_ENVELOPE_BYTES = 64 * 1024
# Parsing less than that takes about a millisecond.
_LARGE_BYTES = 1_000_000


@dataclass(frozen=True)
class BodyLimits:
    """How long a body may be, in bytes, so that its picture is not too large."""

    image: int
    batch: int
    """All pictures of a batch together, with the form around them."""

    @property
    def batch_json(self) -> int:
        """All pictures of a batch in base64, with the document around them."""
        return self.batch * 4 // 3 + self.batch // 32 + _ENVELOPE_BYTES

    @property
    def multipart(self) -> int:
        """A picture with the form around it."""
        return self.image + _ENVELOPE_BYTES

    @property
    def json(self) -> int:
        """A picture in base64, perhaps broken into lines, with the document around it."""
        return self.image * 4 // 3 + self.image // 32 + _ENVELOPE_BYTES


class BodyReader:
    """Receives bodies: a bounded number at a time, and bounded bytes until they are answered."""

    def __init__(self, limits: BodyLimits, uploads: FairLimit, bytes_in_flight: FairLimit) -> None:
        self.limits = limits
        self._uploads = uploads
        self._bytes = bytes_in_flight

    async def read(self, request: Request, limit: int, deadline: Deadline) -> bytes:
        """Return the whole body.

        Raises ImageTooLargeError before it reads anything where the length is announced,
        else as soon as there is too much; UploadTooSlowError at the deadline;
        OverloadedError at once when too many, or too many bytes, are being received.
        """
        announced = self._announced(request, limit)
        budget = max(deadline.seconds_left, 0.0)
        caller = request.state.caller.identity
        reserved = self._bytes.reserve(caller, announced)
        request.state.reserved.enter_context(reserved)
        with self._uploads.reserve(caller, 1):
            try:
                async with asyncio.timeout(budget):
                    return await self._receive(request, limit, announced, reserved)
            except TimeoutError as error:
                raise UploadTooSlowError(round(budget, 1)) from error

    def _announced(self, request: Request, limit: int) -> int:
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal():
            message = "`Content-Length` is not a number"
            raise InvalidRequestError(message)
        if int(announced) > limit:
            raise ImageTooLargeError(self.limits.image)
        return int(announced)

    async def _receive(
        self, request: Request, limit: int, announced: int, reserved: Reservation
    ) -> bytes:
        chunks = []
        length = 0
        async for chunk in request.stream():
            length += len(chunk)
            if length > limit:
                raise ImageTooLargeError(self.limits.image)
            if length > announced:
                reserved.add(len(chunk))
            chunks.append(chunk)
        return b"".join(chunks)


async def parsed(body: bytes, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of a body; a large one is parsed in a thread."""
    if len(body) <= _LARGE_BYTES:
        return parse(body)
    return await asyncio.to_thread(parse, body)
