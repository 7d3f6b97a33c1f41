"""One video after the other: sent, followed, its results stored, never twice."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien_gateway.bulk.folder import Results, share
from mien_gateway.bulk.gateway import Gateway, RefusedError

RESULTS = ("results.json", "timeline.csv", "subtitles.vtt")
ANNOTATED = "annotated.mp4"
_FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}


@dataclass(frozen=True)
class Task:
    """What is to be done by one process."""

    videos: Path
    results: Path
    index: int
    count: int
    options: dict[str, str]
    poll_seconds: float

    @property
    def annotated(self) -> bool:
        """Whether drawn-on videos are wanted."""
        return self.options["annotate"] == "true"


def work(task: Task, gateway: Gateway, say: Callable[[str], None]) -> int:
    """Work off the process's share and return how many videos could not be analysed.

    A video whose results are stored is left alone; one whose job was begun is followed, not sent
    again, as long as the gateway knows the job.

    Raises:
        AwayError: the gateway is away; begin again later, nothing is lost.
        MisusedError: no video would be taken like this.
    """
    failed = 0
    videos = share(task.videos, task.index, task.count)
    say(f"{len(videos)} videos are the share of {task.index} of {task.count}")
    for video in videos:
        results = Results(task.results / video)
        ended = results.done
        if ended is None:
            ended = _analyse(task, gateway, video, results)
            say(f"{video}: {ended['state']}{_because(ended)}")
        failed += ended["state"] != "SUCCEEDED"
    return failed


def _analyse(task: Task, gateway: Gateway, video: Path, results: Results) -> dict[str, Any]:
    try:
        job = _followed(task, gateway, video, results)
    except RefusedError as error:
        ended = {"state": "REFUSED", "problem": error.problem}
        results.finish(ended)
        return ended
    if job["state"] == "SUCCEEDED":
        for name in RESULTS:
            results.store(name, [gateway.result(job["id"], name)])
        if task.annotated:
            with gateway.streamed(job["id"], ANNOTATED) as parts:
                results.store(ANNOTATED, parts)
    results.finish(job)
    gateway.delete(job["id"])
    return job


def _followed(task: Task, gateway: Gateway, video: Path, results: Results) -> dict[str, Any]:
    """Return the video's job once it has ended; one that is forgotten meanwhile begins anew."""
    while True:
        job = gateway.job(results.job) if results.job else None
        if job is None:
            results.begin(gateway.submit(task.videos / video, task.options))
        elif job["state"] in _FINAL:
            return job
        else:
            time.sleep(task.poll_seconds)


def _because(ended: dict[str, Any]) -> str:
    problem = ended.get("problem")
    return f", {problem.get('detail') or problem.get('code')}" if problem else ""
