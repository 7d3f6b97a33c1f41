"""A job's progress as server-sent events.

The present state comes first, so that who reconnects has missed nothing; the last event is
the job's final state.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic

import orjson
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from mien_gateway.errors import JobStoreUnavailableError, UnknownVideoError
from mien_gateway.http.video_documents import present_job
from mien_gateway.video.job import VideoJob
from mien_gateway.video.service import Videos

POLL_SECONDS = 0.4
HEARTBEAT_SECONDS = 10.0
"""Proxies close connections on which nothing comes."""
_RECONNECT_MILLISECONDS = 1000


async def progress_events(
    videos: Videos, job: VideoJob, draining: asyncio.Event
) -> AsyncIterator[bytes]:
    """Yield an event for each change of the job, beginning with how it is now.

    Ends without a final state when this gateway is `draining`: the caller reconnects to
    another one.
    """
    yield _event(job)
    sent, said = job, monotonic()
    while not sent.state.is_final and not draining.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(draining.wait(), POLL_SECONDS)
        try:
            job = await videos.table.get(job.id)
        except UnknownVideoError:
            yield format_sse_event(event="gone", data_str="{}")
            return
        except JobStoreUnavailableError:
            job = sent  # the caller need not know of a moment's silence
        if job != sent:
            yield _event(job)
            sent, said = job, monotonic()
        elif monotonic() - said >= HEARTBEAT_SECONDS:
            yield KEEPALIVE_COMMENT
            said = monotonic()


def _event(job: VideoJob) -> bytes:
    name = "end" if job.state.is_final else "progress"
    return format_sse_event(
        event=name,
        data_str=orjson.dumps(present_job(job)).decode(),
        retry=_RECONNECT_MILLISECONDS,
    )
