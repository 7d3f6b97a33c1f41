"""POST /v1/videos, and what can be done with the job that comes of it."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from mien_gateway.core import Core
from mien_gateway.errors import InvalidRequestError, JobStoreUnavailableError
from mien_gateway.http import documents_videos as documents
from mien_gateway.http.request_id import request_id
from mien_gateway.http.video_documents import present_job
from mien_gateway.http.video_events import progress_events
from mien_gateway.http.video_intake import VideoIntake
from mien_gateway.telemetry.request_ids import HEADER
from mien_gateway.video.job import VideoJob
from mien_gateway.video.options import VideoOptions
from mien_gateway.video.service import Videos
from mien_gateway.video.spool import in_thread
from mien_gateway.video.table import new_id

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

    @router.post("/v1/videos", **documents.SUBMIT)
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

    @router.get("/v1/videos/{identifier}", **documents.JOB)
    async def get_video(request: Request, identifier: str) -> Response:
        """Say how a job is."""
        return _answer(request, await videos_of(core).table.get(identifier))

    @router.post("/v1/videos/{identifier}/cancel", **documents.JOB)
    async def cancel_video(request: Request, identifier: str) -> Response:
        """End a job that is under way; one that has ended stays as it is."""
        return _answer(request, await videos_of(core).cancel(identifier))

    @router.delete("/v1/videos/{identifier}", status_code=204, **documents.DELETE)
    async def delete_video(request: Request, identifier: str) -> Response:
        """End a job that is under way, and delete everything that is known of it."""
        await videos_of(core).delete(identifier)
        return Response(status_code=204, headers={HEADER: request_id(request)})

    @router.get("/v1/videos/{identifier}/events", **documents.EVENTS)
    async def get_video_events(request: Request, identifier: str) -> Response:
        """Follow a job: an event per change, from how it is now to its final state."""
        videos = videos_of(core)
        job = await videos.table.get(identifier)
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
