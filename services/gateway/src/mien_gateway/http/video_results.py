"""What came of a video: results.json, timeline.csv, subtitles.vtt and annotated.mp4."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response, StreamingResponse

from mien_gateway.core import Core
from mien_gateway.http import documents_videos as documents
from mien_gateway.http.request_id import request_id
from mien_gateway.http.video_documents import present_job
from mien_gateway.http.videos import videos_of
from mien_gateway.telemetry.request_ids import HEADER
from mien_gateway.video.spool import in_thread
from mien_gateway.video.subtitles import as_vtt
from mien_gateway.video.timeline import Timeline
from mien_gateway.video.writers import as_csv, as_json


def video_results_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["videos"])

    @router.get("/v1/videos/{identifier}/results.json", **documents.RESULTS)
    async def get_video_results(request: Request, identifier: str) -> Response:
        """Give everything that was found, frame by frame."""
        job, path = await videos_of(core).timeline(identifier)
        document = as_json(await in_thread(Timeline, path), present_job(job))
        return _stream(request, document, "application/json")

    @router.get("/v1/videos/{identifier}/timeline.csv", **documents.CSV)
    async def get_video_timeline(request: Request, identifier: str) -> Response:
        """Give a row per frame and face, with a column per label."""
        _, path = await videos_of(core).timeline(identifier)
        return _stream(request, as_csv(await in_thread(Timeline, path)), "text/csv")

    @router.get("/v1/videos/{identifier}/subtitles.vtt", **documents.VTT)
    async def get_video_subtitles(request: Request, identifier: str) -> Response:
        """Give WebVTT cues, one for each stretch in which a face keeps its label."""
        job, path = await videos_of(core).timeline(identifier)
        cues = as_vtt(await in_thread(Timeline, path), job.options.sample_rate)
        return _stream(request, cues, "text/vtt")

    @router.get("/v1/videos/{identifier}/annotated.mp4", **documents.MP4)
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


_PIECE_BYTES = 64 * 1024


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces into larger ones."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
