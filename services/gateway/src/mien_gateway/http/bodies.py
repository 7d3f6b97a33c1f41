"""Takes a request's body in, and never more of it than is allowed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request

from mien_gateway.deadline import Deadline
from mien_gateway.errors import ImageTooLargeError, InvalidRequestError, UploadTooSlowError
from mien_gateway.steadiness.slots import Slots

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
    """Receives bodies, a bounded number of them at a time."""

    def __init__(self, limits: BodyLimits, slots: Slots) -> None:
        self.limits = limits
        self._slots = slots

    async def read(self, request: Request, limit: int, deadline: Deadline) -> bytes:
        """Return the whole body.

        Raises ImageTooLargeError before it reads anything where the length is announced,
        else as soon as there is too much; UploadTooSlowError at the deadline;
        OverloadedError at once when too many are being received.
        """
        self._check_announced(request, limit)
        budget = max(deadline.seconds_left, 0.0)
        with self._slots:
            try:
                async with asyncio.timeout(budget):
                    return await self._receive(request, limit)
            except TimeoutError as error:
                raise UploadTooSlowError(round(budget, 1)) from error

    def _check_announced(self, request: Request, limit: int) -> None:
        announced = request.headers.get("content-length")
        if announced is None:
            return
        if not announced.isdecimal():
            message = "`Content-Length` is not a number"
            raise InvalidRequestError(message)
        if int(announced) > limit:
            raise ImageTooLargeError(self.limits.image)

    async def _receive(self, request: Request, limit: int) -> bytes:
        chunks = []
        length = 0
        async for chunk in request.stream():
            length += len(chunk)
            if length > limit:
                raise ImageTooLargeError(self.limits.image)
            chunks.append(chunk)
        return b"".join(chunks)


async def parsed(body: bytes, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of a body; a large one is parsed in a thread."""
    if len(body) <= _LARGE_BYTES:
        return parse(body)
    return await asyncio.to_thread(parse, body)
