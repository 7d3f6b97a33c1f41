"""RQ's worker, told how to end, and doing our chores between its own."""

import asyncio
import os
import signal
from contextlib import suppress
from time import monotonic

import structlog
from prometheus_client import CollectorRegistry
from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from mien_gateway.errors import JobStoreUnavailableError
from mien_gateway.settings import Settings
from mien_gateway.video.queue import QUEUE_NAME
from mien_gateway.video.recovery import recover, sweep
from mien_gateway.video.service import open_videos
from mien_gateway.worker.alive import beat
from mien_gateway.worker.job import read_registry

_log = structlog.get_logger(__name__)

# RQ waits for jobs in turns of that less fifteen seconds, and does chores in between.
_WORKER_TTL_SECONDS = 18
# While a job runs, its process is looked after so often.
_LOOK_SECONDS = 3
_CHORES_SECONDS = 5.0


class VideoWorker(Worker):
    """Takes one video at a time, each in a process of its own."""

    def __init__(self, settings: Settings, connection: Redis) -> None:
        super().__init__(
            [QUEUE_NAME],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=_WORKER_TTL_SECONDS,
            job_monitoring_interval=_LOOK_SECONDS,
            maintenance_interval=round(_CHORES_SECONDS),
            log_job_description=False,
        )
        self._settings = settings
        self._chores_at = 0.0
        self.stopping = False

    def request_stop(self, signum: int, frame: object) -> None:
        """End when SIGTERM or SIGINT comes; RQ would tell no difference from a lost Redis."""
        self.stopping = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def run_maintenance_tasks(self) -> None:
        """Between jobs."""
        beat()
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        self._chores()

    def maintain_heartbeats(self, job: Job) -> None:
        """While a job runs: who has a long one sees to the others' as well."""
        beat()
        super().maintain_heartbeats(job)
        self._chores()

    def handle_warm_shutdown_request(self) -> None:
        """Have the job given back to the queue, rather than wait for its end."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Begin the job's process; a SIGTERM is held back from it until it listens.

        Python would drop one that comes in the middle of the fork.
        """
        read_registry()  # models may have come since the worker was started
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        super().fork_work_horse(job, queue)  # the job's process does not come back from here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if self.stopping:
            # It may have come before the process was known.
            self.handle_warm_shutdown_request()

    def setup_work_horse_signals(self) -> None:
        """Leave SIGTERM as it is: held back until the job listens to it."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _chores(self) -> None:
        if monotonic() < self._chores_at:
            return
        self._chores_at = monotonic() + _CHORES_SECONDS
        with suppress(JobStoreUnavailableError):
            asyncio.run(_do_chores(self._settings))


async def _do_chores(settings: Settings) -> None:
    async with open_videos(settings, CollectorRegistry()) as videos:
        if videos:
            await recover(videos)
            await sweep(videos)
