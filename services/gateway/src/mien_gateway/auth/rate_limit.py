"""Rate limits with fixed windows, counted in Redis or, without it, in memory."""

from collections.abc import Callable
from hashlib import blake2b
from time import time
from typing import Self

from limits.aio.storage import RedisStorage, Storage
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mien_gateway.auth.principal import RateLimitStatus
from mien_gateway.auth.rates import Rate
from mien_gateway.errors import RateLimitedError
from mien_gateway.resilience.limits import Backoff

_FEWEST_TO_SWEEP = 1000


class InMemoryCounter:
    """Counts per key until the key's end; holds a bounded number of them."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._counts: dict[str, tuple[int, float]] = {}
        self._sweep_above = min(_FEWEST_TO_SWEEP, most)

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: str, cost: int, now: float, ends_at: float) -> int:
        """Return the count with `cost` added to it."""
        count = self._counts.get(key, (0, ends_at))[0] + cost
        self._counts[key] = (count, ends_at)
        if len(self._counts) > self._sweep_above:
            self._sweep(now)
        return count

    def _sweep(self, now: float) -> None:
        """Forget what has ended, and where that is not enough, the older half."""
        counts = {key: entry for key, entry in self._counts.items() if entry[1] > now}
        if 2 * len(counts) > self._most:
            newest = list(counts.items())[-(self._most // 2) :]
            counts = dict(newest)
        self._counts = counts
        self._sweep_above = min(max(2 * len(counts), _FEWEST_TO_SWEEP), self._most)


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
        self._local = InMemoryCounter()
        self._backoff = Backoff("shared rate limits", _COOLDOWN_SECONDS)

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

    async def spend(self, identity: str, rate: Rate, cost: int = 1) -> RateLimitStatus:
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
        return RateLimitStatus(rate.amount, rate.amount - count, left)

    async def close(self) -> None:
        """Close every connection."""
        if self._pool:
            await self._pool.aclose()

    async def _count_together(self, key: str, length: int, cost: int) -> int | None:
        """Return the count of all gateways, or None where nobody knows it now."""
        if not self._shared or self._backoff.is_open():
            return None
        try:
            count = await self._shared.incr(key, length, cost)
        except (RedisError, OSError) as error:
            self._backoff.record_failure(error)
            return None
        self._backoff.record_success()
        return count
