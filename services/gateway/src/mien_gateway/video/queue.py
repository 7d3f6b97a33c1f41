"""The line in which jobs wait for a worker: RQ's queue in Redis, without pickle."""

import asyncio
from hashlib import blake2b
from typing import Protocol

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from mien_gateway.video.job_store import available

QUEUE_NAME = "mien-videos"
WORK = "mien_gateway.worker.job.work_off"
"""What the worker calls, by its name, with the job's id."""

# RQ kills a job from outside when even that much more than allowed has passed.
_GRACE_SECONDS = 60
# RQ's own notes on failures; ours are in the job store.
_NOTES_SECONDS = 300
_CALLER = "caller"


class JobQueue(Protocol):
    """Gives each job to one worker."""

    async def push(self, identifier: str, *, first: bool = False, caller: str = "") -> str:
        """Put a job at the end, or in front of all others; return its ticket."""

    async def holds(self, ticket: str) -> bool:
        """Whether the ticket's job still waits."""

    async def depth(self) -> int:
        """How many jobs wait."""

    async def depth_of(self, caller: str) -> int:
        """How many jobs of one caller wait."""

    async def close(self) -> None:
        """Let go of the connections."""


class RqQueue:
    """RQ's client is a blocking one: each call has a thread for as long as it takes."""

    def __init__(self, client: Redis, *, job_seconds: float, secret: bytes) -> None:
        self._client = client
        # The store must tell nobody who called.
        self._secret = blake2b(secret, digest_size=32, person=b"mien videos").digest()
        self._queue = Queue(QUEUE_NAME, connection=client, serializer=JSONSerializer)
        self._job_seconds = job_seconds

    async def push(self, identifier: str, *, first: bool = False, caller: str = "") -> str:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            return await asyncio.to_thread(self._push, identifier, first, caller)

    async def holds(self, ticket: str) -> bool:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            return await asyncio.to_thread(lambda: ticket in self._queue.job_ids)

    async def depth(self) -> int:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            return await asyncio.to_thread(lambda: self._queue.count)

    async def depth_of(self, caller: str) -> int:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            return await asyncio.to_thread(self._depth_of, self._digest(caller))

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.to_thread(self._client.close)

    def _depth_of(self, caller: str) -> int:
        jobs = Job.fetch_many(self._queue.job_ids, self._client, JSONSerializer)
        return sum(job is not None and job.meta.get(_CALLER) == caller for job in jobs)

    def _digest(self, caller: str) -> str:
        return blake2b(caller.encode(), key=self._secret, digest_size=16).hexdigest()

    def _push(self, identifier: str, first: bool, caller: str) -> str:
        entry = self._queue.enqueue_call(
            WORK,
            args=(identifier,),
            at_front=first,
            timeout=int(self._job_seconds + _GRACE_SECONDS),
            result_ttl=0,
            failure_ttl=_NOTES_SECONDS,
            meta={_CALLER: self._digest(caller)} if caller else None,
            # The id is what opens the results: it does not belong into RQ's descriptions.
            description="a video",
        )
        return entry.id
