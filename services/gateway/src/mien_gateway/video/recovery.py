"""Recovers the jobs and removes the files that dead workers left behind."""

import asyncio
from collections.abc import AsyncIterator

import structlog

from mien_gateway.errors import UnknownVideoError
from mien_gateway.video.job_store import now
from mien_gateway.video.jobs import JobState, VideoJob, WorkerLostError
from mien_gateway.video.service import Videos

_log = structlog.get_logger(__name__)

_LOSSES_AT_MOST = 1


async def recover(videos: Videos) -> None:
    """Give jobs whose worker is silent to another one, once; after that they have failed.

    A worker may also have died between the queue and the job store: then a job waits that is
    in no queue. A job that waits never expires.
    """
    async for job in _silent(videos, JobState.RUNNING):
        await (_retry if job.losses < _LOSSES_AT_MOST else _fail)(videos, job)
    async for job in _silent(videos, JobState.QUEUED):
        await videos.job_store.persist(job.id)
        if not await videos.queue.holds(job.ticket):
            _log.warning("job without a place in the queue")
            # Should it be in good hands after all, the worker that comes second leaves it.
            await videos.enqueue(job.id, first=True)


async def sweep(videos: Videos) -> None:
    """Remove jobs that ended long ago, and old files to which there is no job."""
    for identifier in await videos.job_store.expired():
        # The files first: without its job, an interrupted removal would leave them for long.
        await asyncio.to_thread(videos.spool.remove, identifier)
        await videos.job_store.remove(identifier)
    for identifier, path in videos.spool.older_than(videos.ttl_seconds):
        if not await videos.job_store.exists(identifier):
            await asyncio.to_thread(path.unlink, missing_ok=True)
            _log.info("spool swept", ending="".join(path.suffixes))


async def _silent(videos: Videos, state: JobState) -> AsyncIterator[VideoJob]:
    """Yield the jobs in this state of which nothing was heard for too long."""
    for identifier in await videos.job_store.silent(state, videos.stalled_seconds):
        try:
            yield await videos.job_store.get(identifier)
        except UnknownVideoError:  # its hash is gone
            await videos.job_store.remove(identifier)


async def _retry(videos: Videos, job: VideoJob) -> None:
    again = {"state": JobState.QUEUED, "losses": job.losses + 1, "frames_done": 0}
    if await videos.job_store.change(job.id, [JobState.RUNNING], again, job.attempt):
        _log.warning("worker lost", attempt=job.attempt)
        videos.spool.remove_results(job.id, job.attempt)
        await videos.enqueue(job.id, first=True)


async def _fail(videos: Videos, job: VideoJob) -> None:
    """Write down that the job's workers were lost."""
    fault = WorkerLostError()
    failed = {
        "state": JobState.FAILED,
        "losses": job.losses + 1,
        "code": fault.code,
        "detail": fault.detail,
        "ended": now(),
    }
    if await videos.job_store.change(job.id, [JobState.RUNNING], failed, job.attempt):
        _log.error("worker lost again", attempt=job.attempt)
        videos.spool.remove(job.id)
