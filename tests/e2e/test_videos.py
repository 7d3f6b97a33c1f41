"""A video through the whole system: sent, followed, fetched, deleted."""

import csv
import io
import json

import av
import httpx
import pytest
from PIL import Image

from tests.fakes.videos import steady, write_video
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds of the sample photo, moved and zoomed."""
    folder = tmp_path_factory.mktemp("video")
    return write_video(folder / "v.mp4", steady(4, 12), size=(640, 480)).read_bytes()


def followed(client: httpx.Client, url: str) -> list[dict[str, object]]:
    """The documents of a job's events, to its end."""
    with client.stream("GET", f"{url}/events", timeout=120) as response:
        return [
            json.loads(line.removeprefix("data: "))
            for line in response.iter_lines()
            if line.startswith("data: ")
        ]


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_a_video_is_worked_off(
    client: httpx.Client, system: System, video: bytes, framework: str
) -> None:
    """The face is one track from the first frame to the last; no bytes are left at the end."""
    model = f"fer2013-squeezenet-{framework}"
    sent = client.post("/v1/videos", params={"model": model}, content=video)
    assert sent.status_code == 202, sent.text
    url = sent.headers["Location"]
    documents = followed(client, url)
    last = documents[-1]
    assert last["state"] == "SUCCEEDED", last
    assert last["frames"] == {"done": 20, "expected": 20, "unreadable": 0}

    rows = list(csv.DictReader(io.StringIO(client.get(f"{url}/timeline.csv").text)))
    assert len(rows) == 20
    assert {row["track"] for row in rows} == {"1"}
    assert client.get(f"{url}/subtitles.vtt").text.startswith("WEBVTT")
    results = client.get(f"{url}/results.json").json()
    assert len(results["frames"]) == 20
    annotated = client.get(f"{url}/annotated.mp4").content
    with av.open(io.BytesIO(annotated), "r") as container:
        assert len(list(container.decode(video=0))) == 20

    spool = system.settings.run_dir / "spool"
    assert not list(spool.glob("*.upload"))
    assert list(spool.glob(f"{url.rpartition('/')[2]}*"))
    assert client.delete(url).status_code == 204
    assert not list(spool.glob(f"{url.rpartition('/')[2]}*"))


def test_a_picture_comes_back_with_its_face_drawn(client: httpx.Client, photo: bytes) -> None:
    """One face, and a picture of the same size."""
    answer = client.post("/v1/analyze/annotated", content=photo).raise_for_status()
    assert answer.headers["X-Mien-Faces"] == "1"
    assert Image.open(io.BytesIO(answer.content)).size == Image.open(io.BytesIO(photo)).size


def test_the_figures_tell_of_videos(client: httpx.Client) -> None:
    """At every gateway."""
    metrics = client.get("/metrics").text
    assert "mien_gateway_video_queue_depth 0.0" in metrics
    assert 'mien_gateway_video_jobs_total{outcome="succeeded"}' in metrics
