"""Calls the gateway through the client that openapi-generator made of its description.

It has the first form of each body alone: JSON, and the bytes of a video.
"""

import json
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from mien_api import (
    Analysis,
    ApiClient,
    ApiException,
    BatchJson,
    BatchJsonImagesInner,
    BatchResult,
    Configuration,
    ExpressionsApi,
    ModelsApi,
    NamedPicture,
    PictureJson,
    Problem,
    VideosApi,
)

client = ApiClient(Configuration(host=sys.argv[1]))
expressions, models, videos = ExpressionsApi(client), ModelsApi(client), VideosApi(client)
folder = Path(sys.argv[2])


def base64(name: str) -> str:
    return b64encode((folder / name).read_bytes()).decode()


def analyzed(name: str) -> Analysis:
    return expressions.analyze(PictureJson(image=base64(name)))


def labels(analysis: Analysis) -> list[str]:
    return [face.top.label for face in analysis.faces]


def labels_or_code(result: BatchResult) -> list[str] | str:
    return result.problem.code if result.problem else labels(result.analysis)


def error(call: Callable[[str], object], argument: str) -> tuple[int, str]:
    try:
        call(argument)
    except ApiException as raised:
        problem, status = raised.data, raised.status
    assert type(problem) is Problem
    assert problem.status == status
    return problem.status, problem.code


def video() -> tuple[str, int]:
    job = videos.create_video((folder / "video.mp4").read_bytes(), annotate=False)
    while job.state in {"QUEUED", "RUNNING"}:
        time.sleep(0.05)
        job = videos.get_video(job.id)
    return job.state, len(videos.get_video_results(job.id).frames)


batch = BatchJson(
    images=[
        BatchJsonImagesInner(base64("face.jpg")),
        BatchJsonImagesInner(NamedPicture(image=base64("unreadable.jpg"))),
    ]
)
done = {
    "models": [model.name for model in models.list_models().models],
    "model": models.get_model(json.loads(sys.argv[4])).name,
    "analyze": {"json": labels(analyzed("face.jpg"))},
    "batch": {"json": [labels_or_code(one) for one in expressions.analyze_batch(batch).results]},
    "video": video(),
    "errors": [
        error(models.get_model, "nobody"),
        *(error(analyzed, name) for name in json.loads(sys.argv[3])),
        error(videos.get_video, "nobody"),
    ],
}
json.dump(done, sys.stdout)
