"""The table of jobs in Redis: a hash per job, and a set of those that run.

Every change is made by one script that looks first whether the job is still in the state
the changer believes it to be in, so that nobody overwrites what another one decided.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from mien_gateway.errors import JobStoreUnavailableError, UnknownVideoError
from mien_gateway.video.job import JobState, VideoJob, fields

# Values in the hash are JSON: states are strings in quotes.
_CHANGE = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
if not string.find(ARGV[4], state, 1, true) then return 0 end
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], 'attempt') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('HGET', KEYS[1], 'state') == '"RUNNING"' then
  redis.call('ZADD', KEYS[2], redis.call('TIME')[1], ARGV[1])
else
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1
"""
_PREFIX = "mien:video:"
_RUNNING = "mien:videos:running"
_TOTALS = "mien:videos:totals"


class JobTable:
    """Jobs by their ids; ids cannot be guessed, and who knows one may see the job."""

    def __init__(self, client: Redis, *, ttl_seconds: float) -> None:
        self._client = client
        self._ttl_milliseconds = max(1, round(ttl_seconds * 1000))
        self._change = client.register_script(_CHANGE)

    async def add(self, job: VideoJob) -> None:
        """Put a new job in."""
        with available():
            async with self._client.pipeline() as pipeline:
                stored: Mapping[Any, Any] = job.as_fields()
                pipeline.hset(_PREFIX + job.id, mapping=stored)
                pipeline.pexpire(_PREFIX + job.id, self._ttl_milliseconds)
                await pipeline.execute()

    async def get(self, identifier: str) -> VideoJob:
        """Return the job as it is now; raises UnknownVideoError."""
        with available():
            stored = _texts(await self._client.hgetall(_PREFIX + identifier))
        if not stored:
            raise UnknownVideoError
        return VideoJob.from_fields(identifier, stored)

    async def exists(self, identifier: str) -> bool:
        """Whether there is such a job."""
        with available():
            return bool(await self._client.exists(_PREFIX + identifier))

    async def change(
        self,
        identifier: str,
        among: Sequence[JobState],
        changes: Mapping[str, object],
        in_attempt: int | None = None,
    ) -> bool:
        """Change a job that is in one of these states, and in this attempt; else return False.

        A change counts as a sign of life of a job that runs, and begins its time to live anew.
        """
        pairs = [item for pair in fields(**changes).items() for item in pair]
        states = ",".join(f'"{state}"' for state in among)
        wanted = "" if in_attempt is None else str(in_attempt)
        with available():
            done = await self._change(
                keys=[_PREFIX + identifier, _RUNNING],
                args=[identifier, self._ttl_milliseconds, wanted, states, *pairs],
            )
        if done and changes.get("state") in _FINAL:
            await self.count(f"jobs:{changes['state']}")
        return bool(done)

    async def remove(self, identifier: str) -> None:
        """Forget a job."""
        with available():
            await self._client.delete(_PREFIX + identifier)
            await self._client.zrem(_RUNNING, identifier)

    async def stalled(self, seconds: float) -> list[str]:
        """Return the jobs that run by the table, but gave no sign of life for so long."""
        with available():
            now, _ = await self._client.time()
            found = await self._client.zrangebyscore(_RUNNING, "-inf", now - seconds)
        return [one.decode() for one in cast("list[bytes]", found)]

    async def count(self, name: str, number: int = 1) -> None:
        """Add to a figure that all gateways and workers share."""
        with available():
            await self._client.hincrby(_TOTALS, name, number)

    async def totals(self) -> dict[str, int]:
        """Return those figures."""
        with available():
            stored = _texts(await self._client.hgetall(_TOTALS))
        return {name: int(value) for name, value in stored.items()}


def _texts(stored: Mapping[Any, Any]) -> dict[str, str]:
    """Return what the client, which does not decode, gave."""
    return {name.decode(): value.decode() for name, value in stored.items()}


_FINAL = tuple(state for state in JobState if state.is_final)


def new_id() -> str:
    """Return an id that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def now() -> float:
    """Return the time that stands in jobs."""
    return round(time.time(), 3)


@contextmanager
def available() -> Iterator[None]:
    """Raise JobStoreUnavailableError where Redis fails."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise JobStoreUnavailableError from error
