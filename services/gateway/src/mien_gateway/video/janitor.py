"""Puts right what workers left behind that died: their jobs, and their files."""

import asyncio

import structlog

from mien_gateway.errors import UnknownVideoError
from mien_gateway.video.faults import WorkerLostFault
from mien_gateway.video.job import JobState, VideoJob
from mien_gateway.video.service import Videos
from mien_gateway.video.table import now

_log = structlog.get_logger(__name__)

_LOSSES_AT_MOST = 1


async def recover(videos: Videos) -> None:
    """Give jobs whose worker is silent to another one, once; after that they have failed."""
    for identifier in await videos.table.stalled(videos.stalled_seconds):
        try:
            job = await videos.table.get(identifier)
        except UnknownVideoError:
            await videos.table.remove(identifier)
            continue
        await (_retry if job.losses < _LOSSES_AT_MOST else _fail)(videos, job)


async def sweep(videos: Videos) -> None:
    """Delete files that are older than a job may be, unless there is a job to them."""
    for identifier, path in videos.spool.older_than(videos.ttl_seconds):
        if not await videos.table.exists(identifier):
            await asyncio.to_thread(path.unlink, missing_ok=True)
            _log.info("spool swept", ending="".join(path.suffixes))


async def _retry(videos: Videos, job: VideoJob) -> None:
    again = {"state": JobState.QUEUED, "losses": job.losses + 1, "frames_done": 0}
    if await videos.table.change(job.id, [JobState.RUNNING], again, job.attempt):
        _log.warning("worker lost", attempt=job.attempt)
        videos.spool.remove_results(job.id, job.attempt)
        await videos.queue.push(job.id, first=True)


async def _fail(videos: Videos, job: VideoJob) -> None:
    """Write down that the job's workers were lost."""
    fault = WorkerLostFault()
    failed = {
        "state": JobState.FAILED,
        "losses": job.losses + 1,
        "code": fault.code,
        "detail": fault.detail,
        "ended": now(),
    }
    if await videos.table.change(job.id, [JobState.RUNNING], failed, job.attempt):
        _log.error("worker lost again", attempt=job.attempt)
        videos.spool.remove(job.id)
