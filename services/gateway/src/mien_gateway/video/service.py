"""What the gateway does with videos: takes them in, and tells how they are."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mien_gateway.errors import (
    JobStoreUnavailableError,
    OverloadedError,
    ResultsNotReadyError,
    UnknownVideoError,
    VideoNotAnnotatedError,
)
from mien_gateway.video.containers import check_video
from mien_gateway.video.figures import VideoFigures
from mien_gateway.video.job import UNDER_WAY, JobState, VideoJob
from mien_gateway.video.options import VideoLimits, VideoOptions
from mien_gateway.video.queue import JobQueue
from mien_gateway.video.spool import Spool, in_thread
from mien_gateway.video.table import JobTable, now


@dataclass(frozen=True, kw_only=True)
class UploadLimits:
    """How much may come in, and how fast it must."""

    bytes: int
    seconds: float
    at_a_time: int
    queued: int
    share: float = 1
    """Of uploads and of places in the queue, for one caller."""


@dataclass(frozen=True, kw_only=True)
class Videos:
    """The jobs of all callers; each is known by its id alone."""

    table: JobTable
    queue: JobQueue
    spool: Spool
    uploads: UploadLimits
    limits: VideoLimits
    figures: VideoFigures
    ttl_seconds: float
    stalled_seconds: float

    async def admit(self, caller: str) -> None:
        """Raise OverloadedError where too many wait already, of all callers or of this one.

        Raises JobStoreUnavailableError where the store is full.
        """
        await self.table.check_room()
        waiting, own = (
            await self.queue.depth(),
            max(1, int(self.uploads.queued * self.uploads.share)),
        )
        full = waiting >= self.uploads.queued
        if full or (waiting >= own and await self.queue.depth_of(caller) >= own):
            part = "The queue of videos"
            raise OverloadedError(part)

    async def submit(self, identifier: str, options: VideoOptions, caller: str = "") -> VideoJob:
        """Make a job of the upload with this id.

        Raises UnsupportedVideoError for what is no video. Without a job, no upload stays.
        """
        job = VideoJob(id=identifier, options=options, created=now())
        try:
            await in_thread(lambda: check_video(self.spool.upload(identifier)))
            await self.table.add(job)
            await self.enqueue(identifier, caller=caller)
        except BaseException:
            await in_thread(self.spool.remove_upload, identifier)
            with suppress(JobStoreUnavailableError):
                await self.table.remove(identifier)
            raise
        return job

    async def enqueue(self, identifier: str, *, first: bool = False, caller: str = "") -> None:
        """Put a job that is QUEUED into the queue, and note its ticket."""
        ticket = await self.queue.push(identifier, first=first, caller=caller)
        await self.table.change(identifier, [JobState.QUEUED], {"ticket": ticket})

    async def cancel(self, identifier: str) -> VideoJob:
        """Return the job, cancelled if it was under way; its worker sees it within a second."""
        changes = {"state": JobState.CANCELLED, "ended": now()}
        if await self.table.change(identifier, UNDER_WAY, changes):
            await in_thread(self.spool.remove, identifier)
        return await self.table.get(identifier)

    async def delete(self, identifier: str) -> None:
        """Cancel the job, and forget it with everything that was made of it."""
        await self.cancel(identifier)
        await self.table.remove(identifier)
        await in_thread(self.spool.remove, identifier)

    async def timeline(self, identifier: str) -> tuple[VideoJob, Path]:
        """Return a job that has succeeded, with its results.

        Raises UnknownVideoError or ResultsNotReadyError.
        """
        job = await self._succeeded(identifier)
        return job, await _existing(self.spool.timeline, job)

    async def annotated(self, identifier: str) -> Path:
        """Return the annotated video.

        Raises UnknownVideoError, ResultsNotReadyError or VideoNotAnnotatedError.
        """
        job = await self._succeeded(identifier)
        if not job.options.annotate:
            raise VideoNotAnnotatedError
        return await _existing(self.spool.annotated, job)

    async def refresh_figures(self) -> None:
        """Ask Redis for what all gateways and workers have counted."""
        self.figures.totals = await self.table.totals()
        self.figures.depth = await self.queue.depth()

    async def _succeeded(self, identifier: str) -> VideoJob:
        job = await self.table.get(identifier)
        if job.state is not JobState.SUCCEEDED:
            raise ResultsNotReadyError(job.state)
        return job


async def _existing(place: Callable[[str, int], Path], job: VideoJob) -> Path:
    def existing() -> Path:
        path = place(job.id, job.attempt)
        # Swept between the look at the table and this one.
        if not path.exists():
            raise UnknownVideoError
        return path

    return await in_thread(existing)
