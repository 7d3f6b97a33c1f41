"""Expressions over time, under an id that the caller makes up: kept for a while.

Only labels, probabilities and track numbers are kept, under a keyed hash of the id.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, cast

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from mien_gateway.cache.keys import CacheKeys
from mien_gateway.cache.redis_connection import within
from mien_gateway.errors import InvalidRequestError, TimelinesUnavailableError, UnknownSessionError

_log = structlog.get_logger(__name__)

SESSION_PATTERN = "^[A-Za-z0-9._-]{8,128}$"
_SESSION = re.compile(SESSION_PATTERN)
END_OF_TIME = 9e12
"""In seconds; Redis counts milliseconds in 63 bits."""
CURSOR_PATTERN = "[0-9]{1,15}-[0-9]{1,18}"
"""Redis' own id of an entry: its milliseconds, and its number among those of one millisecond."""
# What one session may keep; the oldest entries go first.
_MOST_ENTRIES = 20_000
_COOLDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One face at one time."""

    track: int
    """0 where faces are not followed."""
    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen in one picture."""

    model: str
    faces: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What was seen at one time, in seconds since 1970; `cursor` is where to go on after it."""

    at: float
    seen: Observed
    cursor: str


class Timelines(Protocol):
    """Keeps entries per session."""

    async def append(self, session: str, seen: Observed) -> bool:
        """Keep an entry; False where it could not be, for no analysis fails over it."""

    async def read(
        self, session: str, start: float, end: float, limit: int, after: str = ""
    ) -> Sequence[Entry]:
        """Return the entries from `start` to `end`, in seconds since 1970, oldest first.

        With `after`, an entry's cursor, those behind it instead of those from `start` on.

        Raises UnknownSessionError, TimelinesUnavailableError.
        """

    async def delete(self, session: str) -> None:
        """Forget a session; raises as `read` does."""


def check_session(session: str) -> str:
    """Return the id; raises InvalidRequestError where it could be guessed or is no id."""
    if not _SESSION.fullmatch(session):
        message = "`session` must have 8 to 128 letters, digits, dots, dashes or underscores"
        raise InvalidRequestError(message)
    return session


class NoTimelines:
    """Keeps nothing, and says so."""

    async def append(self, session: str, seen: Observed) -> bool:
        """Keep nothing."""
        del session, seen
        return False

    async def read(
        self, session: str, start: float, end: float, limit: int, after: str = ""
    ) -> Sequence[Entry]:
        """Raise TimelinesUnavailableError."""
        del session, start, end, limit, after
        raise TimelinesUnavailableError

    async def delete(self, session: str) -> None:
        """Raise TimelinesUnavailableError."""
        del session
        raise TimelinesUnavailableError


class RedisTimelines:
    """A Redis stream per session; each append puts its expiry off.

    Redis gives every entry its time. One that does not take an entry soon enough is left
    alone for a moment: an analysis waits for the timeline no longer than for the cache.
    """

    def __init__(
        self, client: Redis, keys: CacheKeys, *, ttl_seconds: float, append_seconds: float
    ) -> None:
        self._client = client
        self._keys = keys
        self._ttl_milliseconds = int(ttl_seconds * 1000)
        self._append_seconds = append_seconds
        self._try_again_at = 0.0

    async def append(self, session: str, seen: Observed) -> bool:
        """One round trip."""
        if monotonic() < self._try_again_at:
            return False
        key = self._keys.session(session)
        try:
            await within(self._append_seconds, self._append(key, _encode(seen)))
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            self._try_again_at = monotonic() + _COOLDOWN_SECONDS
            _log.warning("timeline entry lost or late", error=type(error).__name__)
            return False
        return True

    async def _append(self, key: bytes, seen: bytes) -> None:
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.xadd(key, {"seen": seen}, maxlen=_MOST_ENTRIES)
            pipeline.pexpire(key, self._ttl_milliseconds)
            await pipeline.execute()

    async def read(
        self, session: str, start: float, end: float, limit: int, after: str = ""
    ) -> Sequence[Entry]:
        """One XRANGE."""
        key = self._keys.session(session)
        first = f"({after}" if after else math.ceil(_milliseconds(start))
        last = math.floor(_milliseconds(end))
        try:
            rows = await self._client.xrange(key, first, last, count=limit)
            known = bool(rows) or await self._client.exists(key)
        except (RedisError, OSError) as error:
            raise TimelinesUnavailableError from error
        if not known:
            raise UnknownSessionError
        return [_decode(*row) for row in cast("list[tuple[bytes, dict[bytes, bytes]]]", rows)]

    async def delete(self, session: str) -> None:
        """One DEL."""
        try:
            deleted = await self._client.delete(self._keys.session(session))
        except (RedisError, OSError) as error:
            raise TimelinesUnavailableError from error
        if not deleted:
            raise UnknownSessionError


def _milliseconds(seconds: float) -> float:
    # An entry's time is a float, and must be found by it again.
    return round(seconds * 1000, 3)


def _encode(seen: Observed) -> bytes:
    faces = [[face.track, face.label, face.probabilities] for face in seen.faces]
    return orjson.dumps([seen.model, faces])


def _decode(identifier: bytes, fields: dict[bytes, bytes]) -> Entry:
    model, faces = orjson.loads(fields[b"seen"])
    seen = Observed(model, tuple(Seen(*face) for face in faces))
    return Entry(int(identifier.partition(b"-")[0]) / 1000, seen, identifier.decode())
