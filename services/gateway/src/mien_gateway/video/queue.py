"""The line in which jobs wait for a worker: RQ's queue in Redis, without pickle."""

import asyncio
from typing import Protocol

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from mien_gateway.video.table import available

QUEUE_NAME = "mien-videos"
WORK = "mien_gateway.worker.job.work_off"
"""What the worker calls, by its name, with the job's id."""

# RQ kills a job from outside when even that much more than allowed has passed.
_GRACE_SECONDS = 60
# RQ's own notes on failures; ours are in the table.
_NOTES_SECONDS = 300


class JobQueue(Protocol):
    """Gives each job to one worker."""

    async def push(self, identifier: str, *, first: bool = False) -> None:
        """Put a job at the end, or in front of all others."""

    async def depth(self) -> int:
        """How many jobs wait."""

    async def close(self) -> None:
        """Let go of the connections."""


class RqQueue:
    """RQ's client is a blocking one: each call has a thread for as long as it takes."""

    def __init__(self, client: Redis, *, job_seconds: float) -> None:
        self._client = client
        self._queue = Queue(QUEUE_NAME, connection=client, serializer=JSONSerializer)
        self._job_seconds = job_seconds

    async def push(self, identifier: str, *, first: bool = False) -> None:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            await asyncio.to_thread(self._push, identifier, first)

    async def depth(self) -> int:
        """Raises JobStoreUnavailableError where Redis fails."""
        with available():
            return await asyncio.to_thread(lambda: self._queue.count)

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.to_thread(self._client.close)

    def _push(self, identifier: str, first: bool) -> None:
        self._queue.enqueue_call(
            WORK,
            args=(identifier,),
            at_front=first,
            timeout=int(self._job_seconds + _GRACE_SECONDS),
            result_ttl=0,
            failure_ttl=_NOTES_SECONDS,
            # The id is what opens the results: it does not belong into RQ's descriptions.
            description="a video",
        )
