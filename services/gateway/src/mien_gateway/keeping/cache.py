"""Where answers are kept between requests: somewhere, or nowhere.

A cache never fails its caller. One that cannot answer says so with None and costs, while
it is away, next to nothing.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import structlog
from redis.exceptions import RedisError, ResponseError

from mien_gateway.keeping.redis_line import LateReplyError, RedisLine, accepted
from mien_gateway.steadiness.cooldown import CoolDown

_log = structlog.get_logger(__name__)

# So that what was stored together does not expire together.
_TTL_JITTER = 0.1


class Cache(Protocol):
    """Keeps small values for a while."""

    async def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None] | None:
        """Return one value, or None, per key; None alone where the cache did not answer."""

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep the values until they expire; silently does nothing where that fails."""

    async def ping(self) -> bool | None:
        """Whether it answers; None where there is no cache by choice."""

    async def close(self) -> None:
        """Let go of the connections."""


class NoCache:
    """Keeps nothing."""

    async def get_many(self, keys: Sequence[bytes]) -> None:
        """Never answers."""
        del keys

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """Does nothing."""
        del entries

    async def ping(self) -> None:
        """Says that there is none."""

    async def close(self) -> None:
        """Does nothing."""


class RedisCache:
    """Keeps values in Redis, each with an expiry.

    A reply that is late costs its caller one short timeout; until it has come, nobody else asks.
    After a failure, or a second of late replies, Redis is left alone for `cooldown_seconds`;
    then one caller at a time tries again.
    """

    def __init__(self, line: RedisLine, *, ttl_seconds: float, cooldown_seconds: float) -> None:
        self._line = line
        self._ttl_seconds = ttl_seconds
        self._cooldown = CoolDown("cache", cooldown_seconds)
        self._refuses = False

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        ttl_seconds: float,
        timeout_seconds: float,
        cooldown_seconds: float = 1.0,
    ) -> Self:
        """Make one for `redis://host:port/db`; nothing is opened before the first use."""
        line = RedisLine(url, timeout_seconds)
        return cls(line, ttl_seconds=ttl_seconds, cooldown_seconds=cooldown_seconds)

    async def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None] | None:
        """One MGET for all keys."""
        if self._line.is_behind or self._cooldown.resting():
            return None
        try:
            (values,) = accepted(await self._line.ask((b"MGET", *keys)))
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        self._cooldown.answered()
        return list(values)

    async def put_many(self, entries: Mapping[bytes, bytes]) -> None:
        """One round trip for all entries."""
        if self._line.is_behind or self._cooldown.resting():
            return
        commands = [
            (b"SET", key, value, b"PX", self._expiry_milliseconds())
            for key, value in entries.items()
        ]
        try:
            replies = await self._line.ask(*commands)
        except (RedisError, OSError) as error:
            self._failed(error)
            return
        self._cooldown.answered()
        self._note_refusal(
            next((reply for reply in replies if isinstance(reply, ResponseError)), None)
        )

    async def ping(self) -> bool:
        """Ask Redis itself, whether or not it failed a moment ago."""
        try:
            accepted(await self._line.ask((b"PING",)))
        except (RedisError, OSError) as error:
            self._failed(error)
            return False
        self._cooldown.answered()
        return True

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, LateReplyError):
            self._cooldown.failed(error)

    def _expiry_milliseconds(self) -> int:
        jitter = random.uniform(1 - _TTL_JITTER, 1 + _TTL_JITTER)  # noqa: S311 - no secret
        return max(1, int(self._ttl_seconds * 1000 * jitter))

    def _note_refusal(self, refusal: Exception | None) -> None:
        """Say once that Redis is full or read-only; it can still be read."""
        if refusal and not self._refuses:
            _log.warning("cache keeps nothing", error=str(refusal))
        self._refuses = refusal is not None
