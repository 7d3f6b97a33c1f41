"""One deadline for the whole of an HTTP call, for threads.

httpx bounds each wait by itself: for the connection, for every send and for every read. It would
listen for ever to a server that sends a byte now and then.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Self

PIECE_BYTES = 64 * 1024
"""Sent at a time, so that the deadline also holds while a server reads slowly."""


class Deadline(float):
    """A timeout as httpx takes it, which also knows when the whole call must be over."""

    _until: float

    def __new__(cls, seconds: float, *, silence: float | None = None) -> Self:
        """Begin now; no single wait lasts longer than `silence`."""
        deadline = super().__new__(cls, seconds if silence is None else min(seconds, silence))
        deadline._until = time.monotonic() + seconds
        return deadline

    def left(self) -> float:
        """Return how long the next wait may last; raises TimeoutError where that is no time."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, float(self))


def heed_deadlines(event: str, info: Mapping[str, Any]) -> None:
    """Make the waits of a new connection end at the deadline of the request that waits.

    It is httpx's `trace` extension: every request must have it, since any of them may open a
    connection that another one uses later.
    """
    if event.endswith(("connect_tcp.complete", "start_tls.complete")):
        stream: Any = info["return_value"]
        stream.read = _bounded(stream.read)
        stream.write = _in_pieces(_bounded(stream.write))
        stream.start_tls = _bounded(stream.start_tls)


def _bounded(wait: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*arguments: Any, **options: Any) -> Any:
        return wait(*map(_left, arguments), **{name: _left(of) for name, of in options.items()})

    return bounded


def _left(argument: Any) -> Any:
    return argument.left() if isinstance(argument, Deadline) else argument


def _in_pieces(write: Callable[..., None]) -> Callable[..., None]:
    def in_pieces(buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        for begin in range(0, len(view), PIECE_BYTES):
            write(view[begin : begin + PIECE_BYTES], timeout=timeout)

    return in_pieces
