"""What the gateway does with videos: takes them in, tells their state, hands results out."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from mien_gateway.errors import (
    JobStoreUnavailableError,
    OverloadedError,
    ResultsNotReadyError,
    UnknownVideoError,
    VideoNotAnnotatedError,
)
from mien_gateway.settings import Settings
from mien_gateway.video.decoder import check_video
from mien_gateway.video.job_store import JobStore, VideoMetrics, now
from mien_gateway.video.jobs import UNDER_WAY, JobState, VideoJob, VideoLimits, VideoOptions
from mien_gateway.video.queue import JobQueue, RqQueue
from mien_gateway.video.spool import Spool, in_thread


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

    job_store: JobStore
    queue: JobQueue
    spool: Spool
    uploads: UploadLimits
    limits: VideoLimits
    figures: VideoMetrics
    ttl_seconds: float
    stalled_seconds: float

    async def admit(self, caller: str) -> None:
        """Raise OverloadedError where too many wait already, of all callers or of this one.

        Raises JobStoreUnavailableError where the store is full.
        """
        await self.job_store.check_room()
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
            await self.job_store.add(job)
            await self.enqueue(identifier, caller=caller)
        except BaseException:
            await in_thread(self.spool.remove_upload, identifier)
            with suppress(JobStoreUnavailableError):
                await self.job_store.remove(identifier)
            raise
        return job

    async def enqueue(self, identifier: str, *, first: bool = False, caller: str = "") -> None:
        """Put a job that is QUEUED into the queue, and note its ticket."""
        ticket = await self.queue.push(identifier, first=first, caller=caller)
        await self.job_store.change(identifier, [JobState.QUEUED], {"ticket": ticket})

    async def cancel(self, identifier: str) -> VideoJob:
        """Return the job, cancelled if it was under way; its worker sees it within a second."""
        changes = {"state": JobState.CANCELLED, "ended": now()}
        if await self.job_store.change(identifier, UNDER_WAY, changes):
            await in_thread(self.spool.remove, identifier)
        return await self.job_store.get(identifier)

    async def delete(self, identifier: str) -> None:
        """Cancel the job, and forget it with everything that was made of it."""
        await self.cancel(identifier)
        await self.job_store.remove(identifier)
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
        self.figures.totals = await self.job_store.totals()
        self.figures.depth = await self.queue.depth()

    async def _succeeded(self, identifier: str) -> VideoJob:
        job = await self.job_store.get(identifier)
        if job.state is not JobState.SUCCEEDED:
            raise ResultsNotReadyError(job.state)
        return job


async def _existing(place: Callable[[str, int], Path], job: VideoJob) -> Path:
    def existing() -> Path:
        path = place(job.id, job.attempt)
        # Swept since the job store was asked.
        if not path.exists():
            raise UnknownVideoError
        return path

    return await in_thread(existing)


# A job is worth more of a wait than a cached answer.
_REDIS_SECONDS = 3.0


@asynccontextmanager
async def open_videos(
    settings: Settings, registry: CollectorRegistry, secret: bytes = b""
) -> AsyncIterator[Videos | None]:
    """Yield what videos need, or None without Redis; nothing is connected before it is used.

    `secret` keys the hashes of callers, of whom only a gateway knows.
    """
    if not settings.redis_url:
        yield None
        return
    client = AsyncRedis.from_url(
        settings.redis_url,
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
        retry=AsyncRetry(NoBackoff(), 1),
    )
    queue = RqQueue(
        Redis.from_url(
            settings.redis_url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), 1),
        ),
        job_seconds=settings.video_job_seconds,
        secret=secret,
    )
    try:
        yield Videos(
            job_store=JobStore(client, ttl_seconds=settings.video_ttl_seconds),
            queue=queue,
            spool=Spool(spool_folder(settings)),
            uploads=_upload_limits(settings),
            limits=_limits(settings),
            figures=VideoMetrics(registry),
            ttl_seconds=settings.video_ttl_seconds,
            stalled_seconds=settings.video_stalled_seconds,
        )
    finally:
        await client.aclose()
        await queue.close()


def spool_folder(settings: Settings) -> Path:
    """Return the folder that is set, or the one in the system's temporary folder."""
    return settings.spool_dir or Path(tempfile.gettempdir()) / "mien-spool"


def _upload_limits(settings: Settings) -> UploadLimits:
    return UploadLimits(
        bytes=settings.max_video_bytes,
        seconds=settings.video_upload_seconds,
        at_a_time=settings.max_video_uploads,
        queued=settings.max_videos_queued,
        share=settings.caller_share,
    )


def _limits(settings: Settings) -> VideoLimits:
    return VideoLimits(
        frames=settings.max_video_frames,
        seconds=settings.max_video_seconds,
        pixels=settings.max_video_pixels,
        retry_seconds=settings.video_retry_seconds,
        job_seconds=settings.video_job_seconds,
        frame_seconds=settings.request_timeout_seconds,
    )
