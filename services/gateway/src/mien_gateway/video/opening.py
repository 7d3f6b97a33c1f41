"""Puts the parts for videos together."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from mien_gateway.settings import Settings
from mien_gateway.video.figures import VideoFigures
from mien_gateway.video.options import VideoLimits
from mien_gateway.video.queue import RqQueue
from mien_gateway.video.service import UploadLimits, Videos
from mien_gateway.video.spool import Spool
from mien_gateway.video.table import JobTable

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
            table=JobTable(client, ttl_seconds=settings.video_ttl_seconds),
            queue=queue,
            spool=Spool(spool_folder(settings)),
            uploads=_upload_limits(settings),
            limits=_limits(settings),
            figures=VideoFigures(registry),
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
