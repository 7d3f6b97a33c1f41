"""Counts what callers spend: in Redis, for all gateways together, or else here.

Windows are fixed: one caller's begin at a moment of his own, so that not all callers come
back at once, and the window's number is part of the key. One round trip therefore tells
everything, and the end of the window is known without asking.
"""

from collections.abc import Callable
from hashlib import blake2b
from time import time
from typing import Self

from limits.aio.storage import RedisStorage, Storage
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mien_gateway.access.callers import Allowance
from mien_gateway.access.local_counts import LocalCounts
from mien_gateway.access.rates import Rate
from mien_gateway.errors import RateLimitedError
from mien_gateway.steadiness.cooldown import CoolDown

_DIGEST_BYTES = 16
_COOLDOWN_SECONDS = 1.0


class Limiter:
    """Holds callers to their rates; without the shared counters, to the rate per gateway."""

    def __init__(
        self,
        secret: bytes,
        shared: Storage | None = None,
        pool: ConnectionPool | None = None,
        clock: Callable[[], float] = time,
    ) -> None:
        # The store must tell nobody who called.
        self._secret = blake2b(secret, digest_size=32, person=b"mien callers").digest()
        self._shared = shared
        self._pool = pool
        self._clock = clock
        self._local = LocalCounts()
        self._cooldown = CoolDown("shared rate limits", _COOLDOWN_SECONDS)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        secret: bytes,
        timeout_seconds: float,
        clock: Callable[[], float] = time,
    ) -> Self:
        """Count in Redis at `redis://host:port/db`; nothing is opened before the first use."""
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # The client's own retries would hold a request up for seconds.
            retry=Retry(NoBackoff(), 0),
        )
        shared = RedisStorage(
            "redis://",
            implementation="redispy",
            key_prefix="mien",
            connection_pool=pool,  # type: ignore[arg-type] # told in the docstring, not in the types
        )
        return cls(secret, shared, pool, clock)

    async def spend(self, identity: str, rate: Rate, cost: int = 1) -> Allowance:
        """Count `cost` calls and return what is left.

        Raises RateLimitedError, with the wait until the window's end, when it is too much;
        what is left then stays for calls that cost less.
        """
        digest = blake2b(identity.encode(), key=self._secret, digest_size=_DIGEST_BYTES)
        length = rate.get_expiry()
        began_before = int.from_bytes(digest.digest()[:4]) % length
        now = self._clock()
        window, elapsed = divmod(now + began_before, length)
        left = length - elapsed
        key = rate.key_for(digest.hexdigest(), int(window))

        async def counted(cost: int) -> int:
            together = await self._count_together(key, length, cost)
            return self._local.add(key, cost, now, now + left) if together is None else together

        count = await counted(cost)
        if count > rate.amount:
            if cost > 1:  # else nothing was left
                await counted(-cost)
            raise RateLimitedError(rate.amount, left)
        return Allowance(rate.amount, rate.amount - count, left)

    async def close(self) -> None:
        """Close every connection."""
        if self._pool:
            await self._pool.aclose()

    async def _count_together(self, key: str, length: int, cost: int) -> int | None:
        """Return the count of all gateways, or None where nobody knows it now."""
        if not self._shared or self._cooldown.resting():
            return None
        try:
            count = await self._shared.incr(key, length, cost)
        except (RedisError, OSError) as error:
            self._cooldown.failed(error)
            return None
        self._cooldown.answered()
        return count
