"""The routes of videos, over a real Redis and a runner in the test's own process."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import httpx
import pytest

from mien_gateway.http.app import create_http_app
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.video.job_store import new_id
from mien_gateway.video.processor import VideoProcessor
from mien_gateway.video.service import Videos
from mien_gateway.worker.job import make_tracks
from tests.conftest import RedisServer
from tests.fakes.gateway import LABELS, PYTORCH, FakeGateway
from tests.fakes.videos import steady, videos_in, write_video


@pytest.fixture
async def videos(
    tmp_path: Path, redis_server: RedisServer, gateway: FakeGateway
) -> AsyncIterator[Videos]:
    """Videos may have a megabyte, and three may wait, two of one caller."""
    limits: dict[str, float] = {
        "max_video_bytes": 1_000_000,
        "max_videos_queued": 3,
        "video_upload_seconds": 1,
        "caller_share": 0.7,
    }
    async with videos_in(tmp_path, redis_server.url, gateway.metrics.registry, **limits) as videos:
        yield videos


@pytest.fixture
async def client(gateway: FakeGateway, videos: Videos) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with videos."""
    app = create_http_app(replace(gateway.core, videos=videos))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        yield client


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    """Two seconds at twelve frames a second."""
    return write_video(tmp_path / "v.mp4", steady(2, 12)).read_bytes()


@pytest.fixture
def runner(gateway: FakeGateway, videos: Videos) -> VideoProcessor:
    """A worker's runner."""
    core = gateway.core
    return VideoProcessor(videos, core.analyzer, core.models, core.label_policy, make_tracks)


@pytest.fixture
def on_the_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Which calls of the system touched the spool in the event loop's own thread."""
    found: list[str] = []

    def watch(module: ModuleType, name: str) -> None:
        call = getattr(module, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            ours = threading.current_thread() is threading.main_thread()
            if ours and str(arguments[0]).startswith(str(tmp_path / "spool")):
                found.append(f"{name} {arguments[0]}")
            return call(*arguments, **options)

        monkeypatch.setattr(module, name, watched)

    for name in ("stat", "lstat", "mkdir", "chmod", "unlink", "scandir"):
        watch(os, name)
    watch(io, "open")
    return found


async def test_a_slow_disk_holds_nobody_up(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes, on_the_loop: list[str]
) -> None:
    """The spool may be a volume on a network: the event loop never waits for it."""
    identifier = await sent(client, video)
    await runner.run(identifier)
    on_the_loop.clear()  # the worker's own
    assert (await client.post("/v1/videos", content=b"no video")).status_code == 415
    await sent(client, video)
    for result in ("results.json", "timeline.csv", "subtitles.vtt", "annotated.mp4"):
        assert (await client.get(f"/v1/videos/{identifier}/{result}")).status_code == 200
    assert (await client.delete(f"/v1/videos/{identifier}")).status_code == 204
    assert on_the_loop == []


def spooled(videos: Videos) -> list[str]:
    return [path.name for path in videos.spool.folder.iterdir()]


async def sent(client: httpx.AsyncClient, video: bytes, query: str = "") -> str:
    response = await client.post(f"/v1/videos?{query}", content=video)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


async def test_a_video_becomes_a_job(client: httpx.AsyncClient, video: bytes) -> None:
    """202 with the place where the job can be seen; the document says what was asked for."""
    response = await client.post(
        f"/v1/videos?model={PYTORCH}&sample_rate=2.5&start=0.5&end=1.5&annotate=false",
        content=video,
    )
    assert response.status_code == 202
    document = response.json()
    assert response.headers["Location"] == f"/v1/videos/{document['id']}"
    assert len(document["id"]) >= 32
    assert (document["state"], document["progress"]) == ("QUEUED", 0)
    assert document["model"] == PYTORCH
    assert document["options"] == {
        "sample_rate": 2.5,
        "start": 0.5,
        "end": 1.5,
        "annotate": False,
        "smoothing_seconds": None,
    }
    again = await client.get(response.headers["Location"])
    assert again.json() == document


async def test_a_form_is_taken_too(client: httpx.AsyncClient, videos: Videos, video: bytes) -> None:
    """With exactly the bytes of its file."""
    response = await client.post("/v1/videos", files={"video": ("clip.mp4", video, "video/mp4")})
    assert response.status_code == 202, response.text
    assert videos.spool.upload(response.json()["id"]).read_bytes() == video


async def test_all_results_can_be_fetched(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes
) -> None:
    """By the links of the document."""
    identifier = await sent(client, video)
    await runner.run(identifier)
    document = (await client.get(f"/v1/videos/{identifier}")).json()
    assert (document["state"], document["progress"]) == ("SUCCEEDED", 1)
    assert document["frames"] == {"done": 10, "expected": 10, "unreadable": 0}
    links = document["links"]
    assert set(links) == {"self", "results", "timeline", "subtitles", "annotated"}

    results = (await client.get(links["results"])).json()
    assert results["job"] == document
    assert results["labels"] == list(LABELS)
    assert [frame["time_seconds"] for frame in results["frames"]] == pytest.approx(
        steady(2, 5), abs=0.09
    )
    face = results["frames"][0]["faces"][0]
    assert face["track"] == 1
    assert face["top"]["probability"] == face["probabilities"][face["top"]["label"]]

    table = await client.get(links["timeline"])
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert len(rows) == 10
    assert rows[0]["track"] == "1"
    assert float(rows[0]["confidence"]) == float(rows[0][rows[0]["label"]])

    subtitles = (await client.get(links["subtitles"])).text
    assert subtitles.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:")


async def test_ranges_of_the_annotated_video_can_be_asked_for(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes
) -> None:
    """A browser jumps about in it."""
    identifier = await sent(client, video)
    await runner.run(identifier)
    url = f"/v1/videos/{identifier}/annotated.mp4"
    whole = await client.get(url)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    with av.open(io.BytesIO(whole.content), "r") as container:
        assert len(list(container.decode(video=0))) == 10
    part = await client.get(url, headers={"Range": "bytes=100-299"})
    assert part.status_code == 206
    assert part.content == whole.content[100:300]
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole.content)}"


@pytest.mark.parametrize("name", ["results.json", "timeline.csv", "subtitles.vtt", "annotated.mp4"])
async def test_results_of_a_job_that_waits_are_not_ready(
    client: httpx.AsyncClient, video: bytes, name: str
) -> None:
    """409; of no job, 404."""
    identifier = await sent(client, video)
    early = await client.get(f"/v1/videos/{identifier}/{name}")
    assert (early.status_code, early.json()["code"]) == (409, "results_not_ready")
    unknown = await client.get(f"/v1/videos/{'x' * 32}/{name}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_video")


async def test_what_was_not_asked_for_is_not_there(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes
) -> None:
    """404, with the remedy."""
    identifier = await sent(client, video, "annotate=false")
    await runner.run(identifier)
    answer = await client.get(f"/v1/videos/{identifier}/annotated.mp4")
    assert (answer.status_code, answer.json()["code"]) == (404, "video_not_annotated")


async def test_a_failed_job_says_why(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes
) -> None:
    """With a code and a sentence."""
    identifier = await sent(client, video, "start=100")
    await runner.run(identifier)
    document = (await client.get(f"/v1/videos/{identifier}")).json()
    assert document["state"] == "FAILED"
    assert document["problem"]["code"] == "no_frames_in_range"


@pytest.mark.parametrize("way", ["cancel", "delete"])
async def test_a_job_can_be_ended(
    client: httpx.AsyncClient, videos: Videos, video: bytes, way: str
) -> None:
    """A cancelled one can still be seen, a deleted one not; the bytes are gone."""
    identifier = await sent(client, video)
    url = f"/v1/videos/{identifier}"
    if way == "cancel":
        assert (await client.post(f"{url}/cancel")).json()["state"] == "CANCELLED"
        assert (await client.get(url)).json()["state"] == "CANCELLED"
    else:
        assert (await client.delete(url)).status_code == 204
        assert (await client.get(url)).status_code == 404
        assert (await client.delete(url)).status_code == 404
    assert spooled(videos) == []


async def test_progress_is_followed_to_the_end(
    client: httpx.AsyncClient, gateway: FakeGateway, runner: VideoProcessor, video: bytes
) -> None:
    """The present state comes first, changes follow, the final state is the last event."""
    gateway.detector.delay_seconds = 0.15
    identifier = await sent(client, video)
    running = asyncio.create_task(runner.run(identifier))
    response = await client.get(f"/v1/videos/{identifier}/events")
    await running
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [
        dict(line.split(": ", 1) for line in block.split("\n"))
        for block in response.text.strip().split("\n\n")
    ]
    assert [event["event"] for event in events[:-1]] == ["progress"] * (len(events) - 1)
    assert len(events) >= 3
    shares = [json.loads(event["data"])["progress"] for event in events]
    assert shares == sorted(shares)
    assert events[-1]["event"] == "end"
    assert json.loads(events[-1]["data"])["state"] == "SUCCEEDED"
    again = await client.get(f"/v1/videos/{identifier}/events")
    assert again.text.count("event: ") == 1


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 422, "invalid_request"),
        (b"some text", {}, 415, "unsupported_video"),
        (b"\xff\xd8\xff\xe0 a picture", {}, 415, "unsupported_video"),
        (b"{}", {"content-type": "application/json"}, 415, "unsupported_video"),
        (b"x", {"content-encoding": "gzip"}, 415, "unsupported_video"),
        (b"0" * 1_000_001, {}, 413, "video_too_large"),
        (b"x", {"content-type": "multipart/form-data"}, 422, "invalid_request"),
        (b"x", {"content-type": "multipart/form-data; boundary=b"}, 422, "invalid_request"),
    ],
)
async def test_what_is_no_video_is_refused(
    client: httpx.AsyncClient,
    videos: Videos,
    content: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    """And leaves nothing in the spool."""
    response = await client.post("/v1/videos", content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert ("compressed" in response.json()["detail"]) == ("content-encoding" in headers)
    assert spooled(videos) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sample_rate=0", "invalid_request"),
        ("sample_rate=1000", "invalid_request"),
        ("start=-1", "invalid_request"),
        ("start=nan", "invalid_request"),
        ("start=2&end=1", "invalid_request"),
        ("smoothing_seconds=-1", "invalid_request"),
        ("annotate=perhaps", "invalid_request"),
        ("model=nobody", "unknown_model"),
    ],
)
async def test_options_that_make_no_sense_are_refused(
    client: httpx.AsyncClient, video: bytes, query: str, code: str
) -> None:
    """Before the video is taken in."""
    response = await client.post(f"/v1/videos?{query}", content=video)
    assert response.json()["code"] == code


async def test_an_endless_body_is_cut_off(client: httpx.AsyncClient, videos: Videos) -> None:
    """By its size, as soon as there is too much; by its time, if it never comes."""

    async def flood() -> AsyncIterator[bytes]:
        while True:
            yield bytes(100_000)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"\x00\x00\x00\x18ftyp"
        await asyncio.sleep(30)

    large = await client.post("/v1/videos", content=flood())
    assert large.json()["code"] == "video_too_large"
    slow = await client.post("/v1/videos", content=trickle())
    assert (slow.status_code, slow.json()["code"]) == (408, "upload_too_slow")
    assert spooled(videos) == []


async def test_a_full_queue_takes_no_more(
    client: httpx.AsyncClient, gateway: FakeGateway, videos: Videos, video: bytes
) -> None:
    """503 at once, with the time to wait; one caller does not fill it for all."""

    async def assert_full(caller: httpx.AsyncClient) -> None:
        refused = await caller.post("/v1/videos", content=video)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert "Retry-After" in refused.headers

    for _ in range(2):
        await sent(client, video)
    await assert_full(client)
    app = create_http_app(replace(gateway.core, videos=videos))
    elsewhere = httpx.ASGITransport(app, client=("192.0.2.2", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://mien") as other:
        await sent(other, video)
        await assert_full(other)


async def test_metrics_do_not_ask_redis_for_every_caller(
    client: httpx.AsyncClient, videos: Videos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They need no key."""
    asked = []

    async def totals() -> dict[str, int]:
        asked.append("totals")
        return {}

    monkeypatch.setattr(videos.job_store, "totals", totals)
    for _ in range(3):
        assert (await client.get("/metrics")).status_code == 200
    assert len(asked) == 1


async def test_events_are_followed_by_so_many_at_a_time(
    gateway: FakeGateway, videos: Videos, client: httpx.AsyncClient, video: bytes
) -> None:
    """Each asks Redis again and again, for as long as the job waits; half are one caller's."""
    identifier = await sent(client, video)
    events = FairLimit(2, 0.5)
    app = create_http_app(replace(gateway.core, videos=videos, event_streams=events))
    path = f"/v1/videos/{identifier}/events"
    async with AsyncExitStack() as stack:
        alice, bob = [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://mien"
                )
            )
            for address in ("192.0.2.1", "192.0.2.2")
        ]
        following = asyncio.create_task(alice.get(path))
        while not events.taken:
            await asyncio.sleep(0)
        refused = await alice.get(path)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        another = asyncio.create_task(bob.get(path))
        while events.taken < 2:
            await asyncio.sleep(0)
        following.cancel()
        await videos.cancel(identifier)
        assert (await another).status_code == 200
    assert events.taken == 0


async def test_without_redis_there_are_no_videos(
    client: httpx.AsyncClient,
    gateway: FakeGateway,
    redis_server: RedisServer,
    videos: Videos,
    video: bytes,
) -> None:
    """503, whether it is away or switched off; other calls and the metrics go on."""
    identifier = await sent(client, video)
    redis_server.kill()
    off = httpx.ASGITransport(create_http_app(gateway.core))
    async with httpx.AsyncClient(transport=off, base_url="http://mien") as without:
        for one in (client, without):
            for response in (
                await one.post("/v1/videos", content=video),
                await one.get(f"/v1/videos/{identifier}"),
                await one.delete(f"/v1/videos/{identifier}"),
                await one.get(f"/v1/videos/{identifier}/events"),
                await one.get(f"/v1/videos/{identifier}/timeline.csv"),
            ):
                assert response.status_code == 503
                assert response.json()["code"] == "job_store_unavailable"
            assert (await one.get("/metrics")).status_code == 200
    assert len(spooled(videos)) == 1


async def test_figures_are_shown(
    client: httpx.AsyncClient, runner: VideoProcessor, video: bytes
) -> None:
    """Jobs by outcome, frames, and how many wait."""
    identifier = await sent(client, video, "annotate=false")
    await runner.run(identifier)
    await sent(client, video)
    shown = (await client.get("/metrics")).text.splitlines()
    assert 'mien_gateway_video_jobs_total{outcome="succeeded"} 1.0' in shown
    assert "mien_gateway_video_frames_total 10.0" in shown
    assert "mien_gateway_video_queue_depth 2.0" in shown


def test_no_log_entry_has_an_id(tmp_path: Path) -> None:
    """Though an exception's message has a path, of a file or of a request."""
    identifier = new_id()
    program = f"""
import logging
from mien_gateway.telemetry.logging import configure_logging
configure_logging("INFO")
for name in ("upload", "1.jsonl", "12.mp4"):
    try:
        open("{tmp_path}/{identifier}." + name)
    except OSError as error:
        logging.getLogger("uvicorn.error").exception("of /v1/videos/{identifier}/events")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stderr.count("FileNotFoundError: ") == 3
    assert identifier not in done.stderr


async def test_the_description_knows_the_routes(client: httpx.AsyncClient) -> None:
    """With the options, the forms of the body and every status."""
    description = (await client.get("/openapi.json")).json()
    submit = description["paths"]["/v1/videos"]["post"]
    assert {one["name"] for one in submit["parameters"]} >= {"sample_rate", "annotate", "model"}
    assert "multipart/form-data" in submit["requestBody"]["content"]
    assert {"202", "413", "415", "503"} <= set(submit["responses"])
    assert "409" in description["paths"]["/v1/videos/{identifier}/timeline.csv"]["get"]["responses"]
