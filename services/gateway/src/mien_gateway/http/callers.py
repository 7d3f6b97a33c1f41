"""The caller's side of an HTTP request: how long he waits, and whether he still does."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from mien_gateway.deadline import Deadline
from mien_gateway.errors import InvalidRequestError

T = TypeVar("T")

TIMEOUT_HEADER = "X-Request-Timeout"
SHORTEST_SECONDS = 0.001


def caller_deadline(request: Request, longest_seconds: float) -> Deadline:
    """Return when the caller gives up; he may ask for less time than there is, not for more.

    Raises InvalidRequestError where X-Request-Timeout is not a number of seconds, or too short.
    """
    asked = request.headers.get(TIMEOUT_HEADER)
    if asked is None:
        return Deadline.after(longest_seconds)
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if not seconds >= SHORTEST_SECONDS:
        message = f"`{TIMEOUT_HEADER}` must be a number of seconds, at least {SHORTEST_SECONDS}"
        raise InvalidRequestError(message)
    return Deadline.after(min(seconds, longest_seconds))


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; cancel it when the caller goes away.

    Raises ClientDisconnect then.
    """
    task = asyncio.ensure_future(work)
    watcher = asyncio.create_task(_cancel_when_gone(request, task))
    try:
        return await task
    except asyncio.CancelledError:
        if watcher.done():
            raise ClientDisconnect from None
        raise
    finally:
        watcher.cancel()


async def _cancel_when_gone(request: Request, task: asyncio.Future[Any]) -> None:
    # The body was read: what comes next on this connection is its end.
    while (await request.receive())["type"] != "http.disconnect":
        pass
    task.cancel()
