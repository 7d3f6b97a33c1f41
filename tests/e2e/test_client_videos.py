"""Videos by mien_client: sent, followed, fetched, deleted."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mien_client import BadInputError, NotReadyError, UnknownNameError, VideoJob
from tests.fakes.clients import KINDS, opened
from tests.fakes.videos import steady, write_video
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(params=KINDS[:2])
def client(request: pytest.FixtureRequest, system: System) -> Iterator[Any]:
    """The two that speak REST."""
    with opened(request.param, system.settings.rest_url, "grpc://nobody:1") as client:
        yield client


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the sample photo, moved and zoomed."""
    return write_video(tmp_path_factory.mktemp("video") / "v.mp4", steady(4, 12), size=(640, 480))


def test_a_video_from_its_upload_to_its_results(client: Any, video: Path, tmp_path: Path) -> None:
    """Every step is told; what comes of it lies in files; at last nothing is left."""
    sent: list[tuple[int, int]] = []
    job = client.upload_video(
        video, sample_rate=5, end=3.0, on_progress=lambda *progress: sent.append(progress)
    )
    size = video.stat().st_size
    assert sent[-1] == (size, size)
    assert (job.state, job.options.sample_rate, job.options.end) == ("QUEUED", 5.0, 3.0)

    states = list(client.follow_video(job.id))
    assert all(isinstance(state, VideoJob) for state in states)
    assert [state.is_final for state in states].index(True) == len(states) - 1
    assert states[-1].state == "SUCCEEDED", states[-1]
    assert states[-1].frames.done == 15
    assert states[-1].ended > states[-1].created
    assert client.video(job.id) == states[-1]

    results = client.video_results(job.id)
    assert len(results.frames) == 15
    assert {face.track for frame in results.frames for face in frame.faces} == {1}
    path = client.save_video(job.id, "timeline.csv", tmp_path / "found.csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 15
    for name in ("subtitles.vtt", "annotated.mp4", "results.json"):
        assert client.save_video(job.id, name, tmp_path) == tmp_path / name
        assert (tmp_path / name).stat().st_size > 0
    assert not list(tmp_path.glob("*.part"))

    client.delete_video(job.id)
    with pytest.raises(UnknownNameError):
        client.video(job.id)
    with pytest.raises(UnknownNameError):
        list(client.follow_video(job.id))


def test_results_that_will_not_come(client: Any, video: Path, tmp_path: Path) -> None:
    """A job that was cancelled has none, and no file appears."""
    job = client.upload_video(video.read_bytes(), sample_rate=60, annotate=True)
    assert client.cancel_video(job.id).id == job.id
    *_, last = client.follow_video(job.id)
    assert last.state == "CANCELLED"
    with pytest.raises(NotReadyError):
        client.save_video(job.id, "timeline.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []
    client.delete_video(job.id)


def test_what_is_no_video(client: Any) -> None:
    """It is refused, in words."""
    with pytest.raises(BadInputError, match="MP4") as caught:
        client.upload_video(b"this is no video")
    assert caught.value.code == "unsupported_video"
