"""A Redis client whose every wait is bounded, and a shorter wait for its calls."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def open_redis(url: str, timeout_seconds: float) -> Redis:
    """Return a client for `redis://host:port/db`; nothing is opened before the first use."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        # The client's own retries would hold a request up for seconds.
        retry=Retry(NoBackoff(), 0),
    )


_Result = TypeVar("_Result")


async def within(seconds: float, call: Coroutine[Any, Any, _Result]) -> _Result:
    """Return the call's result, or raise TimeoutError after so long.

    The call goes on then until its client's own timeout: cancelled, it would close its connection,
    and a Redis to which connecting takes longer than `seconds` would never be reached.
    """
    task = asyncio.create_task(call)
    # Nobody may be waiting for its failure any more.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.wait((task,), timeout=seconds)
    if not task.done():
        message = f"no reply within {seconds:g} s"
        raise TimeoutError(message)
    return task.result()
