"""The worker as a process, between neighbours that speak the real wire, and a real Redis."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import httpx
import psutil
import pytest

from mien_gateway.video.job_store import new_id, now
from mien_gateway.video.jobs import JobState, VideoJob, VideoOptions
from mien_gateway.video.service import Videos
from tests.conftest import RedisServer
from tests.fakes.gateway import PYTORCH, FakeBackend, FakeDetector
from tests.fakes.gateway_wire import WireDetector, WireTensorFlow, WireTorchServe, serving
from tests.fakes.otlp import collecting
from tests.fakes.processes import started
from tests.fakes.videos import steady, submitted, until, videos_in, write_video

STALLED_SECONDS = 3
MEMORY_BYTES = 250_000_000
pytestmark = pytest.mark.timeout(180)


@dataclass
class Workshop:
    """Workers of one queue, and what they are asked through."""

    videos: Videos
    detector: FakeDetector
    wire: WireDetector
    environment: dict[str, str]
    workers: list[Process] = field(default_factory=list)

    async def start(self, stderr: int | BinaryIO = DEVNULL) -> Process:
        """Start another worker."""
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mien_gateway.worker"),
            env=os.environ | self.environment,
            stderr=stderr,
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    async def state(self, job: VideoJob, *wanted: JobState, seconds: float = 60) -> VideoJob:
        """Wait for a state."""

        async def reached() -> bool:
            return (await self.videos.job_store.get(job.id)).state in wanted

        await until(reached, seconds)
        return await self.videos.job_store.get(job.id)

    async def end(self) -> None:
        """Kill every worker that is left, and its jobs."""
        for worker in self.workers:
            for process in family(worker):
                process.kill()
            await worker.wait()


def family(worker: Process) -> list[psutil.Process]:
    """The worker and the process of its job."""
    try:
        process = psutil.Process(worker.pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def files(videos: Videos) -> set[str]:
    """The endings of what lies in the spool."""
    return {path.name.partition(".")[2] for path in videos.spool.folder.iterdir()}


@pytest.fixture
async def workshop(
    tmp_path: Path, redis_server: RedisServer, registry_file: Path
) -> AsyncIterator[Workshop]:
    """A queue without a worker; its jobs count as lost after three seconds of silence."""
    detector = FakeDetector()
    wire = WireDetector(detector)
    parts = (
        wire,
        WireTorchServe(FakeBackend("torchserve")),
        WireTensorFlow(FakeBackend("tensorflow-serving")),
    )
    async with (
        serving(*parts) as target,
        videos_in(tmp_path, redis_server.url, video_ttl_seconds=30) as videos,
    ):
        workshop = Workshop(
            videos,
            detector,
            wire,
            {
                "MIEN_GATEWAY_REDIS_URL": redis_server.url,
                "MIEN_GATEWAY_REGISTRY": str(registry_file),
                "MIEN_GATEWAY_DETECTOR_TARGET": target,
                "MIEN_GATEWAY_TORCHSERVE_TARGET": target,
                "MIEN_GATEWAY_TENSORFLOW_TARGET": target,
                "MIEN_GATEWAY_SPOOL_DIR": str(tmp_path / "spool"),
                "MIEN_GATEWAY_VIDEO_TTL_SECONDS": "30",
                "MIEN_GATEWAY_VIDEO_STALLED_SECONDS": str(STALLED_SECONDS),
            },
        )
        yield workshop
        await workshop.end()


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    """Four seconds at twelve frames a second."""
    return write_video(tmp_path / "v.mp4", steady(4, 12)).read_bytes()


async def test_a_worker_works_off_what_comes(workshop: Workshop, video: bytes) -> None:
    """One job after the other; then it ends by SIGTERM, with status 0."""
    worker = await workshop.start()
    for _ in range(2):
        job = await submitted(workshop.videos, video)
        done = await workshop.state(job, JobState.SUCCEEDED, JobState.FAILED)
        assert (done.state, done.frames_done) == (JobState.SUCCEEDED, 20), done

    async def is_tidy() -> bool:
        return files(workshop.videos) == {"1.jsonl", "1.mp4"}

    await until(is_tidy)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 10) == 0


async def test_a_broken_list_of_models_fails_no_video(
    workshop: Workshop, video: bytes, registry_file: Path
) -> None:
    """The worker goes on with the list that it has."""
    await workshop.start()
    for _ in range(2):
        job = await submitted(workshop.videos, video)
        done = await workshop.state(job, JobState.SUCCEEDED, JobState.FAILED)
        assert done.state == JobState.SUCCEEDED
        await asyncio.to_thread(registry_file.write_text, "models:")


async def test_each_frame_is_a_trace_of_its_own(workshop: Workshop, video: bytes) -> None:
    """With the same steps inside as a picture's; all of them were sent when the job ended."""
    with collecting() as collector:
        workshop.environment["MIEN_GATEWAY_OTLP_ENDPOINT"] = collector.url
        await workshop.start()
        job = await submitted(workshop.videos, video)
        await workshop.state(job, JobState.SUCCEEDED)

        async def all_sent() -> bool:
            return len(collector.named("video frame", "mien-worker")) == 20

        await until(all_sent, 10)
    frames = collector.named("video frame", "mien-worker")
    assert len({frame.trace_id for frame in frames}) == 20
    parents = {span.parent_id for span in collector.named("detect", "mien-worker")}
    assert parents == {frame.span_id for frame in frames}


async def test_the_id_that_opens_the_results_is_told_to_nobody(
    workshop: Workshop, video: bytes, tmp_path: Path
) -> None:
    """In no log entry, span, metric or call, whether the job succeeds or something fails here."""
    log = tmp_path / "log"
    spool, ports = workshop.videos.spool, ("MIEN_GATEWAY_REST_PORT", "MIEN_GATEWAY_GRPC_PORT")
    with log.open("wb") as stderr, collecting() as collector:
        workshop.environment["MIEN_GATEWAY_OTLP_ENDPOINT"] = collector.url
        workshop.environment["MIEN_GATEWAY_LOG_LEVEL"] = "DEBUG"
        worker = await workshop.start(stderr)
        environment = workshop.environment | dict.fromkeys(ports, "0")
        async with (
            started("mien_gateway", "listening", environment) as gateway,
            httpx.AsyncClient(base_url=f"http://{gateway.entry['rest']}", timeout=60) as client,
        ):
            good = (await client.post("/v1/videos", content=video)).json()["id"]
            assert '"SUCCEEDED"' in (await client.get(f"/v1/videos/{good}/events")).text
            assert (await client.get(f"/v1/videos/{good}/nothing")).status_code == 404
            metrics = (await client.get("/metrics")).text
            job = await workshop.videos.job_store.get(good)
            spool.timeline(good, job.attempt).unlink()
            spool.timeline(good, job.attempt).mkdir()
            broken = await client.get(f"/v1/videos/{good}/results.json")
            assert broken.status_code == 500
            bad, unknown = new_id(), new_id()
            for identifier in (bad, unknown):
                await workshop.videos.job_store.add(
                    VideoJob(id=identifier, options=VideoOptions(model=PYTORCH), created=now())
                )
            await workshop.videos.job_store.remove(unknown)
            for identifier in (bad, unknown):
                await workshop.videos.enqueue(identifier)

            async def all_logged() -> bool:
                return b"queued video is unknown" in log.read_bytes()

            await until(all_logged)
        worker.terminate()
        await worker.wait()
    assert (await workshop.videos.job_store.get(bad)).code == "internal_error"
    told = {
        "worker": log.read_text(),
        "gateway": repr((gateway.log, gateway.noise)),
        "spans": repr(collector.raw),
        "calls": repr(workshop.wire.metadata),
        "metrics": metrics,
    }
    assert "FileNotFoundError" in told["worker"]
    assert "IsADirectoryError" in told["gateway"]
    assert collector.named("video frame", "mien-worker")
    assert "x-request-id" in told["calls"]
    for identifier in (good, bad, unknown):
        assert [name for name, text in told.items() if identifier in text] == []


async def test_sigterm_gives_the_job_back(workshop: Workshop, video: bytes) -> None:
    """At once, to the next worker."""
    workshop.detector.delay_seconds = 0.3
    worker = await workshop.start()
    job = await submitted(workshop.videos, video)
    await workshop.state(job, JobState.RUNNING)
    await workshop.detector.called.wait()
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 10) == 0
    waiting = await workshop.state(job, JobState.QUEUED, seconds=0.1)
    assert waiting.losses == 0
    workshop.detector.delay_seconds = 0
    await workshop.start()
    assert (await workshop.state(job, JobState.SUCCEEDED)).attempt == 2


async def test_sigterm_is_not_missed_by_a_job_that_just_begins(
    workshop: Workshop, video: bytes
) -> None:
    """Its process is there, but does not listen yet."""
    workshop.detector.delay_seconds = 4
    worker = await workshop.start()
    job = await submitted(workshop.videos, video)

    async def forked() -> bool:
        return len(family(worker)) > 1

    await until(forked, 30)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 10) == 0
    await workshop.state(job, JobState.QUEUED, seconds=0.1)


async def test_a_job_outlives_its_worker(workshop: Workshop, video: bytes) -> None:
    """Of a worker that is killed alone, the job's process gives the job back itself."""
    workshop.detector.delay_seconds = 0.2
    worker = await workshop.start()
    job = await submitted(workshop.videos, video)
    await workshop.state(job, JobState.RUNNING)
    await workshop.detector.called.wait()
    children = family(worker)[1:]
    worker.kill()
    await workshop.state(job, JobState.QUEUED, seconds=5)
    workshop.detector.delay_seconds = 0
    await workshop.start()
    assert (await workshop.state(job, JobState.SUCCEEDED)).attempt == 2
    assert psutil.wait_procs(children, timeout=5)[1] == []


async def test_a_killed_worker_s_job_is_tried_once_more(workshop: Workshop, video: bytes) -> None:
    """With everything of it killed at once; the second time, the job has failed."""
    workshop.detector.delay_seconds = 0.3
    job = await submitted(workshop.videos, video)
    for attempt in (1, 2):
        worker = await workshop.start()

        async def running(attempt: int = attempt) -> bool:
            now = await workshop.videos.job_store.get(job.id)
            return (now.state, now.attempt) == (JobState.RUNNING, attempt) and now.frames_done > 0

        await until(running, 60)
        for process in family(worker):
            process.kill()
    await workshop.start()
    failed = await workshop.state(job, JobState.FAILED)
    assert (failed.code, failed.losses) == ("worker_lost", 2)
    assert files(workshop.videos) == set()


async def test_a_job_whose_process_crashes_is_lost_not_its_worker(
    workshop: Workshop, video: bytes
) -> None:
    """As with a video that makes the decoder crash, each time."""
    workshop.detector.delay_seconds = 0.3
    worker = await workshop.start()
    job = await submitted(workshop.videos, video)
    for attempt in (1, 2):

        async def running(attempt: int = attempt) -> bool:
            now = await workshop.videos.job_store.get(job.id)
            return (now.state, now.attempt) == (JobState.RUNNING, attempt)

        await until(running, 60)
        family(worker)[1].send_signal(signal.SIGSEGV)
    failed = await workshop.state(job, JobState.FAILED)
    assert failed.code == "worker_lost"
    workshop.detector.delay_seconds = 0
    other = await submitted(workshop.videos, video, annotate=False)
    assert (await workshop.state(other, JobState.SUCCEEDED)).state
    assert worker.returncode is None


async def test_a_cancelled_job_frees_its_worker(workshop: Workshop, video: bytes) -> None:
    """Within a second or so; nothing is left in the spool."""
    workshop.detector.delay_seconds = 4
    await workshop.start()
    job = await submitted(workshop.videos, video)
    await workshop.state(job, JobState.RUNNING)
    await workshop.detector.called.wait()
    begun = time.monotonic()
    await workshop.videos.cancel(job.id)
    await asyncio.wait_for(workshop.detector.left.wait(), 2)
    assert time.monotonic() - begun < 1.5

    async def empty() -> bool:
        return files(workshop.videos) == set()

    await until(empty, 3)
    assert (await workshop.videos.job_store.get(job.id)).state is JobState.CANCELLED


async def test_a_worker_waits_for_redis(
    workshop: Workshop, redis_server: RedisServer, video: bytes
) -> None:
    """It may be started before Redis, and outlives one that goes away and comes back."""
    redis_server.kill()
    worker = await workshop.start()
    await asyncio.sleep(3)
    redis_server.start()
    first = await submitted(workshop.videos, video, annotate=False)
    await workshop.state(first, JobState.SUCCEEDED)
    redis_server.kill()
    await asyncio.sleep(2)
    redis_server.start()
    second = await submitted(workshop.videos, video, annotate=False)
    await workshop.state(second, JobState.SUCCEEDED)
    assert worker.returncode is None


async def test_leftovers_are_swept(workshop: Workshop) -> None:
    """What is older than a job may be goes; what is new, or has a job, or is not ours, stays."""
    spool = workshop.videos.spool
    old, new = spool.upload("o" * 32), spool.upload("n" * 32)
    strange = spool.folder / "notes.txt"
    for path in (old, new, strange):
        path.write_bytes(b"left behind")
    for path in (old, strange):
        os.utime(path, (0, 0))
    await workshop.start()

    async def swept() -> bool:
        return not old.exists()

    await until(swept, 30)
    assert new.exists()
    assert strange.exists()


async def peak_memory(workshop: Workshop, content: bytes) -> int:
    """The most that a worker and its job took together while they worked a video off."""
    worker = await workshop.start()
    job = await submitted(workshop.videos, content, sample_rate=10)
    peak = 0

    async def ended() -> bool:
        nonlocal peak
        peak = max(peak, sum(_private(process) for process in family(worker)[1:]))
        return (await workshop.videos.job_store.get(job.id)).state is JobState.SUCCEEDED

    await until(ended, 120)
    worker.terminate()
    await worker.wait()
    return peak


def _private(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


async def test_memory_does_not_grow_with_the_video(workshop: Workshop, tmp_path: Path) -> None:
    """Ten times the length takes the same."""
    make: Callable[[float], bytes] = lambda seconds: write_video(  # noqa: E731 - it is one line
        tmp_path / f"{seconds}.mp4", steady(seconds, 12), size=(640, 480)
    ).read_bytes()
    short = await peak_memory(workshop, make(6))
    long = await peak_memory(workshop, make(60))
    assert long < short * 1.15
    assert long < MEMORY_BYTES


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MIEN_GATEWAY_REDIS_URL", "", "MIEN_GATEWAY_REDIS_URL"),
        ("MIEN_GATEWAY_VIDEO_TTL_SECONDS", "soon", "MIEN_GATEWAY_VIDEO_TTL_SECONDS"),
        ("MIEN_GATEWAY_REGISTRY", "nowhere.yaml", "nowhere.yaml"),
    ],
)
async def test_a_wrong_setting_ends_the_start_with_a_sentence(
    workshop: Workshop, name: str, value: str, words: str
) -> None:
    """Exit status 2, as of the gateway."""
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mien_gateway.worker"),
        env=os.environ | workshop.environment | {name: value},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(worker.communicate(), 30)
    assert worker.returncode == 2
    assert words in said.decode()
    assert "Traceback" not in said.decode()
