"""Jobs in Redis: a hash per job, sets of those that wait, run, or have ended, and metrics."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from mien_gateway.errors import JobStoreUnavailableError, UnknownVideoError
from mien_gateway.video.jobs import JobState, VideoJob, fields

JOBS = "jobs:"
FRAMES = "frames"


class VideoMetrics(Collector):
    """The totals as they were last read."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.totals: Mapping[str, int] = {}
        self.depth = 0
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        jobs = CounterMetricFamily(
            "mien_gateway_video_jobs",
            "Videos whose job has ended, by its last state; the same on every gateway",
            labels=["outcome"],
        )
        for name, number in self.totals.items():
            if name.startswith(JOBS):
                jobs.add_metric([name.removeprefix(JOBS).lower()], number)
        yield jobs
        yield CounterMetricFamily(
            "mien_gateway_video_frames",
            "Frames of videos that were analysed; the same on every gateway",
            value=self.totals.get(FRAMES, 0),
        )
        yield GaugeMetricFamily(
            "mien_gateway_video_queue_depth", "Videos that wait for a worker", value=self.depth
        )


# Values in the hash are JSON: states are strings in quotes.
_CHANGE = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state then
  for place = 3, 5 do redis.call('ZREM', KEYS[place], ARGV[1]) end
  return 0
end
if not string.find(ARGV[3], state, 1, true) then return 0 end
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'attempt') ~= ARGV[2] then return 0 end
-- A full Redis refuses HSET, but not in a script that has begun to write: jobs go on there.
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
state = redis.call('HGET', KEYS[1], 'state')
local place = ({['"QUEUED"'] = 3, ['"RUNNING"'] = 4})[state] or 5
for other = 3, 5 do redis.call('ZREM', KEYS[other], ARGV[1]) end
redis.call('ZADD', KEYS[place], redis.call('TIME')[1], ARGV[1])
if place == 5 then redis.call('HINCRBY', KEYS[2], 'jobs:' .. string.sub(state, 2, -2), 1) end
return 1
"""
_PREFIX = "mien:video:"
_TOTALS = "mien:videos:totals"
_SETS = {JobState.QUEUED: "mien:videos:queued", JobState.RUNNING: "mien:videos:running"}
_ENDED = "mien:videos:ended"
_ALL_SETS = (*_SETS.values(), _ENDED)


class JobStore:
    """Jobs by their ids; ids cannot be guessed, and who knows one may see the job."""

    def __init__(self, client: Redis, *, ttl_seconds: float) -> None:
        self._client = client
        self._ttl_seconds = ttl_seconds
        self._change = client.register_script(_CHANGE)

    async def add(self, job: VideoJob) -> None:
        """Put a new job in."""
        with available():
            async with self._client.pipeline() as pipeline:
                stored: Mapping[Any, Any] = job.as_fields()
                pipeline.hset(_PREFIX + job.id, mapping=stored)
                pipeline.zadd(_SETS[job.state], {job.id: job.created})
                await pipeline.execute()

    async def get(self, identifier: str) -> VideoJob:
        """Return the job as it is now; raises UnknownVideoError."""
        with available():
            stored = _texts(await self._client.hgetall(_PREFIX + identifier))
        if not stored:
            raise UnknownVideoError
        job = VideoJob.from_fields(identifier, stored)
        if job.state.is_final and job.ended and job.ended < now() - self._ttl_seconds:
            raise UnknownVideoError
        return job

    async def exists(self, identifier: str) -> bool:
        """Whether there is such a job; also one that ended long ago and is not removed yet."""
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

        A change counts as a sign of life of a job that runs.
        """
        pairs = [item for pair in fields(**changes).items() for item in pair]
        states = ",".join(f'"{state}"' for state in among)
        wanted = "" if in_attempt is None else str(in_attempt)
        with available():
            return bool(
                await self._change(
                    keys=[_PREFIX + identifier, _TOTALS, *_ALL_SETS],
                    args=[identifier, wanted, states, *pairs],
                )
            )

    async def persist(self, identifier: str) -> None:
        """Take the time to live away that earlier versions gave to jobs that wait."""
        with available():
            await self._client.persist(_PREFIX + identifier)

    async def remove(self, identifier: str) -> None:
        """Forget a job."""
        with available():
            await self._client.delete(_PREFIX + identifier)
            for name in _ALL_SETS:
                await self._client.zrem(name, identifier)

    async def silent(self, state: JobState, seconds: float) -> list[str]:
        """Return the jobs that wait, or that run, of which nothing was heard for so long."""
        return await self._older(_SETS[state], seconds)

    async def expired(self) -> list[str]:
        """Return the jobs that ended longer ago than they are kept."""
        return await self._older(_ENDED, self._ttl_seconds)

    async def count(self, name: str, number: int = 1) -> None:
        """Add to a figure that all gateways and workers share."""
        with available():
            await self._client.hincrby(_TOTALS, name, number)

    async def check_room(self) -> None:
        """Raise JobStoreUnavailableError where Redis is full; a write that adds nothing tells."""
        await self.count(FRAMES, 0)

    async def totals(self) -> dict[str, int]:
        """Return those figures."""
        with available():
            stored = _texts(await self._client.hgetall(_TOTALS))
        return {name: int(value) for name, value in stored.items()}

    async def _older(self, name: str, seconds: float) -> list[str]:
        with available():
            seconds_now, _ = await self._client.time()
            found = await self._client.zrangebyscore(name, "-inf", seconds_now - seconds)
        return [one.decode() for one in cast("list[bytes]", found)]


def _texts(stored: Mapping[Any, Any]) -> dict[str, str]:
    """Return what the client, which does not decode, gave."""
    return {name.decode(): value.decode() for name, value in stored.items()}


def new_id() -> str:
    """Return an id that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def now() -> float:
    """Return the time that stands in jobs."""
    return round(time.time(), 3)


@contextmanager
def available() -> Iterator[None]:
    """Raise JobStoreUnavailableError where Redis fails, or is full."""
    try:
        yield
    except OutOfMemoryError as error:
        raise JobStoreUnavailableError(is_full=True) from error
    except (RedisError, OSError) as error:
        raise JobStoreUnavailableError from error
