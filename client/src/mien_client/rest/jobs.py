"""Videos over HTTP: how they are sent, followed and fetched; no I/O."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from mien_client.operations import VideoWish
from mien_client.rest.calls import sent, video_path
from mien_client.structure import UnexpectedDocumentError, structured
from mien_client.types import VideoJob
from mien_client.upload import Upload

SUBMIT = "/v1/videos"
SILENCE_SECONDS = 30.0
"""Longest silence while a job is followed; the gateway says something every 10 seconds."""


def submit_query(wish: VideoWish) -> Mapping[str, str]:
    """Return the options of a video; what is None is left to the gateway."""
    return sent(asdict(wish))


def submit_headers(upload: Upload) -> Mapping[str, str]:
    """Return the headers of a video, whose length is known before it is read."""
    return {"Content-Type": "application/octet-stream", "Content-Length": str(upload.length)}


def events_path(video: str) -> str:
    """Return where a job's changes are told."""
    return f"{video_path(video)}/events"


def result_path(video: str, name: str) -> str:
    """Return where one of a job's results is."""
    return f"{video_path(video)}/{name}"


def read_event(line: str) -> VideoJob | None:
    """Return the job that a line of server-sent events tells of, if it does.

    Each of the gateway's events has its document in one line. Raises UnexpectedDocumentError.
    """
    field, _, value = line.partition(":")
    if field != "data":
        return None
    try:
        document = json.loads(value)
    except ValueError as error:
        reason = "an event is not JSON"
        raise UnexpectedDocumentError(reason) from error
    # `gone` has an empty one: the job was deleted, and asking for it again will say so.
    return structured(VideoJob, document) if document else None
