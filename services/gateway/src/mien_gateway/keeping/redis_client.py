"""A Redis client whose every wait is short: a request never waits for it longer."""

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
