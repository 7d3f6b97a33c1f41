"""A folder of videos through the running system, by processes that are killed on the way."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mien_gateway.bulk.folder import share
from tests.fakes.videos import steady, write_video
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
# By their names two are the first process's and one the second's.
NAMES = ("one.mp4", "deep/two.mp4", "three.mp4")
COUNT = 2


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Three drawn videos, one of them deeper, and files that are none."""
    folder = tmp_path / "videos"
    (folder / "deep").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        write_video(folder / name, steady(2 + number, 10))
    (folder / "notes.txt").write_text("no video")
    (folder / ".hidden.mp4").write_text("no video either")
    return folder


def started(system: System, videos: Path, index: int, *more: str) -> subprocess.Popen[str]:
    command = [
        *(sys.executable, "-m", "mien_gateway.bulk", str(videos), str(videos.parent / "results")),
        *("--gateway", system.settings.rest_url, "--of", str(COUNT), "--poll-seconds", "0.1"),
        *more,
    ]
    environment = os.environ | {"JOB_COMPLETION_INDEX": str(index)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out + error


def jobs(system: System) -> int:
    """How many videos the workers have ended so far."""
    lines = httpx.get(f"{system.settings.rest_url}/metrics").text.splitlines()
    totals = [line for line in lines if line.startswith("mien_gateway_video_jobs_total{")]
    return round(sum(float(line.split()[-1]) for line in totals))


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_is_analysed_twice_or_lost(system: System, videos: Path) -> None:
    """Two processes, one killed while its first video is under way, and all begun once more."""
    before = jobs(system)
    results = videos.parent / "results"
    mine = [share(videos, index, COUNT) for index in range(COUNT)]
    assert [len(part) for part in mine] == [2, 1]
    first = started(system, videos, 0)
    until((results / mine[0][0] / "job.json").exists)
    first.kill()
    first.communicate()
    assert not (results / mine[0][0] / "done.json").exists()

    for index in range(COUNT):
        status, text = ended(started(system, videos, index))
        assert status == 0, text
        assert text.count("SUCCEEDED") == len(mine[index])
    for name in NAMES:
        done = json.loads((results / name / "done.json").read_bytes())
        assert done["state"] == "SUCCEEDED"
        frames = json.loads((results / name / "results.json").read_bytes())["frames"]
        assert len(frames) == done["frames"]["done"] > 5
        assert (results / name / "timeline.csv").read_text().startswith("time_seconds,")
        assert (results / name / "subtitles.vtt").read_text().startswith("WEBVTT")
        # The gateway's disk is free again.
        answer = httpx.get(f"{system.settings.rest_url}/v1/videos/{done['id']}")
        assert answer.status_code == 404
    until(lambda: jobs(system) >= before + len(NAMES))

    for index in range(COUNT):
        status, text = ended(started(system, videos, index))
        assert status == 0
        assert "SUCCEEDED" not in text
    time.sleep(3)  # as often as a gateway reads the totals
    assert jobs(system) == before + len(NAMES)


def test_a_video_that_is_none_is_told_and_not_tried_again(system: System, videos: Path) -> None:
    """The others are analysed all the same, and the status says that one could not be."""
    for name in NAMES:
        (videos / name).unlink()
    (videos / "text.mp4").write_text("this is no video")
    index = next(index for index in range(COUNT) if share(videos, index, COUNT))
    for times in (1, 0):
        status, text = ended(started(system, videos, index))
        assert status == 3
        assert text.count("REFUSED") == times
    done = json.loads((videos.parent / "results" / "text.mp4" / "done.json").read_bytes())
    assert done["problem"]["code"] == "unsupported_video"


def test_a_job_that_the_gateway_forgot_begins_anew(system: System, videos: Path) -> None:
    """Its id was stored, then the gateway lost it."""
    name = share(videos, 1, COUNT)[0]
    folder = videos.parent / "results" / name
    folder.mkdir(parents=True)
    (folder / "job.json").write_text('{"id": "forgotten"}')
    status, text = ended(started(system, videos, 1))
    assert status == 0, text
    assert json.loads((folder / "done.json").read_bytes())["state"] == "SUCCEEDED"


def test_what_no_video_can_help_ends_it_at_once(system: System, videos: Path) -> None:
    """A model that nobody knows: no video is marked as refused."""
    status, text = ended(started(system, videos, 0, "--model", "nobody-knows"))
    assert status == 2
    assert "nobody-knows" in text
    assert not (videos.parent / "results").exists()
