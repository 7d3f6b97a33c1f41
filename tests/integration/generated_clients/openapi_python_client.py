"""Calls the gateway through the client that openapi-python-client made of its description."""

import json
import sys
import time
from base64 import b64encode
from io import BytesIO
from pathlib import Path

from mien_api import Client
from mien_api.api.expressions import analyze, analyze_batch
from mien_api.api.models import get_model, list_models
from mien_api.api.videos import create_video, get_video, get_video_results
from mien_api.models import (
    Analysis,
    BatchForm,
    BatchJson,
    BatchResult,
    NamedPicture,
    PictureForm,
    PictureJson,
    Problem,
    VideoJob,
    VideoJobState,
)
from mien_api.types import File, Response

UNDER_WAY = (VideoJobState.QUEUED, VideoJobState.RUNNING)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
folder = Path(sys.argv[2])


def file(name: str) -> File:
    return File(BytesIO((folder / name).read_bytes()), name, "image/jpeg")


def base64(name: str) -> str:
    return b64encode((folder / name).read_bytes()).decode()


def labels(analysis: Analysis) -> list[str]:
    return [face.top.label for face in analysis.faces]


def labels_or_code(result: BatchResult) -> list[str] | str:
    return result.problem.code if result.problem else labels(result.analysis)


def error(response: Response[object]) -> tuple[int, str]:
    assert isinstance(response.parsed, Problem), response
    assert response.parsed.status == response.status_code
    return response.parsed.status, response.parsed.code


def video() -> tuple[str, int]:
    job = create_video.sync(client=client, body=file("video.mp4"), annotate=False)
    assert isinstance(job, VideoJob)
    while job.state in UNDER_WAY:
        time.sleep(0.05)
        job = get_video.sync(job.id, client=client)
    return job.state.value, len(get_video_results.sync(job.id, client=client).frames)


pictures = {
    "json": PictureJson(base64("face.jpg")),
    "form": PictureForm(file("face.jpg")),
    "raw": file("face.jpg"),
}
batches = {
    "json": BatchJson([base64("face.jpg"), NamedPicture(base64("unreadable.jpg"))]),
    "form": BatchForm([file("face.jpg"), file("unreadable.jpg")]),
}
errors = [
    get_model.sync_detailed("nobody", client=client),
    *(analyze.sync_detailed(client=client, body=file(name)) for name in json.loads(sys.argv[3])),
    get_video.sync_detailed("nobody", client=client),
]
done = {
    "models": [model.name for model in list_models.sync(client=client).models],
    "model": get_model.sync(json.loads(sys.argv[4]), client=client).name,
    "analyze": {
        form: labels(analyze.sync(client=client, body=body)) for form, body in pictures.items()
    },
    "batch": {
        form: [labels_or_code(one) for one in analyze_batch.sync(client=client, body=body).results]
        for form, body in batches.items()
    },
    "video": video(),
    "errors": [error(response) for response in errors],
}
json.dump(done, sys.stdout)
