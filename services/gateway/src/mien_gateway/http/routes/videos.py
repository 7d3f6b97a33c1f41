"""/v1/videos: upload, state, events, results."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Annotated, BinaryIO

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response, StreamingResponse

from mien_gateway.core import Core
from mien_gateway.errors import (
    InvalidRequestError,
    JobStoreUnavailableError,
    UnknownVideoError,
    UnsupportedVideoError,
    UploadTooSlowError,
    VideoTooLargeError,
)
from mien_gateway.http.bodies import COMPRESSED
from mien_gateway.http.multipart import FileOfForm
from mien_gateway.http.openapi import operations
from mien_gateway.http.parameters import request_id
from mien_gateway.http.serialization import present_job
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.video.job_store import new_id
from mien_gateway.video.jobs import VideoJob, VideoOptions
from mien_gateway.video.results import Timeline, as_csv, as_json, as_vtt
from mien_gateway.video.service import UploadLimits, Videos
from mien_gateway.video.spool import in_thread

_ENVELOPE_BYTES = 64 * 1024
# Written in pieces of that size, each by a thread: a disk may be slow.
_WRITE_BYTES = 1024 * 1024


class VideoIntake:
    """Receives videos, a bounded number of them at a time."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._uploads = FairLimit(limits.at_a_time, limits.share)

    async def receive(self, request: Request, path: Path) -> None:
        """Write the video of a request to a new file; nothing stays of one that fails.

        Raises VideoTooLargeError, UploadTooSlowError, OverloadedError, or what is wrong
        with the form.
        """
        self._check_head(request)
        with self._uploads.reserve(request.state.caller.identity, 1):
            try:
                async with asyncio.timeout(self._limits.seconds):
                    await self._write(request, path)
            except BaseException as error:
                await in_thread(partial(path.unlink, missing_ok=True))
                if isinstance(error, TimeoutError):
                    raise UploadTooSlowError(self._limits.seconds) from error
                raise

    def _check_head(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedVideoError(*COMPRESSED)
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal():
            message = "`Content-Length` is not a number"
            raise InvalidRequestError(message)
        if int(announced) > self._limits.bytes + _ENVELOPE_BYTES:
            raise VideoTooLargeError(self._limits.bytes)

    async def _write(self, request: Request, path: Path) -> None:
        form = _form(request)
        file = await in_thread(lambda: path.open("xb", buffering=0))
        try:
            length = await self._copy(request, form, file)
        finally:
            await in_thread(file.close)
        if form:
            form.finish()
        if not length:
            message = "The video is empty: send the bytes of a video"
            raise InvalidRequestError(message)

    async def _copy(self, request: Request, form: FileOfForm | None, file: BinaryIO) -> int:
        """Return how many bytes the video has."""
        piece = bytearray()
        length = 0
        async for chunk in request.stream():
            content = form.feed(chunk) if form else chunk
            length += len(content)
            if length > self._limits.bytes:
                raise VideoTooLargeError(self._limits.bytes)
            piece += content
            if len(piece) >= _WRITE_BYTES:
                await _flush(file, piece)
        await _flush(file, piece)
        return length


async def _flush(file: BinaryIO, piece: bytearray) -> None:
    content = bytes(piece)
    piece.clear()
    await in_thread(file.write, content)


def _form(request: Request) -> FileOfForm | None:
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return FileOfForm(content_type)
    if media_type.startswith("image/") or media_type.endswith("json"):
        raise UnsupportedVideoError
    return None


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
            job = await videos.job_store.get(job.id)
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


_Rate = Annotated[float, Query(gt=0, le=60, description="Frames analysed per second")]
_Start = Annotated[
    float, Query(ge=0, allow_inf_nan=False, description="Where to begin, in seconds")
]
_End = Annotated[
    float | None,
    Query(gt=0, allow_inf_nan=False, description="Where to stop, in seconds; else at the end"),
]
_Annotate = Annotated[bool, Query(description="Whether to make an annotated video, too")]
_Smoothing = Annotated[
    float | None,
    Query(ge=0, le=60, description="Seconds over which probabilities are smoothed; 0: not at all"),
]
_Model = Annotated[str, Query(description="A name from /v1/models; without it, the default")]


def videos_of(core: Core) -> Videos:
    """Return what videos need; raises JobStoreUnavailableError where Redis is switched off."""
    if core.videos is None:
        raise JobStoreUnavailableError
    return core.videos


def videos_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["videos"])
    intake = VideoIntake(core.videos.uploads) if core.videos else None

    @router.post("/v1/videos", **operations.SUBMIT)
    async def create_video(
        request: Request,
        model: _Model = "",
        sample_rate: _Rate = 5,
        start: _Start = 0,
        end: _End = None,
        annotate: _Annotate = True,
        smoothing_seconds: _Smoothing = None,
    ) -> Response:
        """Take a video in and analyse it in the background.

        The video is deleted as soon as the job has ended, its results an hour later or
        when they are deleted.
        """
        with core.observed("rest", ClientDisconnect) as observation:
            videos = videos_of(core)
            observation.model = core.models.resolve(model).name
            if end is not None and end <= start:
                message = "`end` must be later than `start`"
                raise InvalidRequestError(message)
            options = VideoOptions(
                model=observation.model,
                sample_rate=sample_rate,
                start=start,
                end=end,
                annotate=annotate,
                smoothing_seconds=smoothing_seconds,
            )
            caller = request.state.caller.identity
            await videos.admit(caller)
            identifier = new_id()
            if intake:
                path = await in_thread(videos.spool.upload, identifier)
                await intake.receive(request, path)
            job = await videos.submit(identifier, options, caller)
        answer = _answer(request, job, 202)
        answer.headers["Location"] = f"/v1/videos/{identifier}"
        return answer

    @router.get("/v1/videos/{identifier}", **operations.JOB)
    async def get_video(request: Request, identifier: str) -> Response:
        """Say how a job is."""
        return _answer(request, await videos_of(core).job_store.get(identifier))

    @router.post("/v1/videos/{identifier}/cancel", **operations.JOB)
    async def cancel_video(request: Request, identifier: str) -> Response:
        """End a job that is under way; one that has ended stays as it is."""
        return _answer(request, await videos_of(core).cancel(identifier))

    @router.delete("/v1/videos/{identifier}", status_code=204, **operations.DELETE)
    async def delete_video(request: Request, identifier: str) -> Response:
        """End a job that is under way, and delete everything that is known of it."""
        await videos_of(core).delete(identifier)
        return Response(status_code=204, headers={HEADER: request_id(request)})

    @router.get("/v1/videos/{identifier}/events", **operations.EVENTS)
    async def get_video_events(request: Request, identifier: str) -> Response:
        """Follow a job: an event per change, from how it is now to its final state."""
        videos = videos_of(core)
        job = await videos.job_store.get(identifier)
        place = core.event_streams.reserve(request.state.caller.identity, 1)
        request.state.reserved.enter_context(place)
        return StreamingResponse(
            progress_events(videos, job, core.draining),
            headers={"Cache-Control": "no-store", HEADER: request_id(request)},
            media_type="text/event-stream",
        )

    return router


def _answer(request: Request, job: VideoJob, status: int = 200) -> Response:
    return Response(
        orjson.dumps(present_job(job)),
        status_code=status,
        headers={"Cache-Control": "no-store", HEADER: request_id(request)},
        media_type="application/json",
    )


def video_results_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["videos"])

    @router.get("/v1/videos/{identifier}/results.json", **operations.RESULTS)
    async def get_video_results(request: Request, identifier: str) -> Response:
        """Give everything that was found, frame by frame."""
        job, path = await videos_of(core).timeline(identifier)
        document = as_json(await in_thread(Timeline, path), present_job(job))
        return _stream(request, document, "application/json")

    @router.get("/v1/videos/{identifier}/timeline.csv", **operations.CSV)
    async def get_video_timeline(request: Request, identifier: str) -> Response:
        """Give a row per frame and face, with a column per label."""
        _, path = await videos_of(core).timeline(identifier)
        return _stream(request, as_csv(await in_thread(Timeline, path)), "text/csv")

    @router.get("/v1/videos/{identifier}/subtitles.vtt", **operations.VTT)
    async def get_video_subtitles(request: Request, identifier: str) -> Response:
        """Give WebVTT cues, one for each stretch in which a face keeps its label."""
        job, path = await videos_of(core).timeline(identifier)
        cues = as_vtt(await in_thread(Timeline, path), job.options.sample_rate)
        return _stream(request, cues, "text/vtt")

    @router.get("/v1/videos/{identifier}/annotated.mp4", **operations.MP4)
    async def get_annotated_video(request: Request, identifier: str) -> Response:
        """Give the analysed frames with boxes and labels; ranges can be asked for."""
        path = await videos_of(core).annotated(identifier)
        return FileResponse(path, media_type="video/mp4", headers=_headers(request))

    return router


def _stream(request: Request, pieces: Iterator[bytes], media_type: str) -> Response:
    # Starlette takes each piece from a plain iterator in a thread: gather them, since a
    # thread per line would cost more than the line.
    return StreamingResponse(_gathered(pieces), media_type=media_type, headers=_headers(request))


def _headers(request: Request) -> dict[str, str]:
    return {HEADER: request_id(request), "Cache-Control": "private, no-store"}


_SEND_BYTES = 64 * 1024


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces into larger ones."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _SEND_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
