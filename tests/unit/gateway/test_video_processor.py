"""A job from the queue to its end, and how it is left whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest
import structlog

from mien_gateway.errors import (
    BadModelAnswerError,
    DetectorUnavailableError,
    JobStoreUnavailableError,
    UnknownVideoError,
)
from mien_gateway.video.jobs import JobState, VideoJob
from mien_gateway.video.processor import VideoProcessor
from mien_gateway.video.recovery import recover
from mien_gateway.video.results import Timeline
from mien_gateway.video.service import Videos
from tests.conftest import RedisServer
from tests.fakes.gateway import LABELS, FakeGateway
from tests.fakes.videos import (
    FacesInOrder,
    steady,
    submitted,
    until,
    videos_in,
    write_video,
)


@dataclass
class Bench:
    """A worker's parts, and what they work at."""

    gateway: FakeGateway
    videos: Videos

    def runner(self, **limits: float) -> VideoProcessor:
        """A runner over the fakes."""
        videos = replace(self.videos, limits=replace(self.videos.limits, **limits))  # type: ignore[arg-type]
        core = self.gateway.core
        return VideoProcessor(
            videos, core.analyzer, core.models, core.label_policy, lambda _: FacesInOrder()
        )

    async def now(self, job: VideoJob) -> VideoJob:
        """How the job is now."""
        return await self.videos.job_store.get(job.id)

    def files(self) -> set[str]:
        """The endings of what lies in the spool."""
        return {path.name.partition(".")[2] for path in self.videos.spool.folder.iterdir()}


@pytest.fixture
async def bench(
    tmp_path: Path, redis_server: RedisServer, gateway: FakeGateway
) -> AsyncIterator[Bench]:
    """A worker's parts over fakes and a real Redis."""
    async with videos_in(tmp_path, redis_server.url, video_stalled_seconds=1.5) as videos:
        yield Bench(gateway, videos)


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    """Four seconds at twelve frames a second."""
    return write_video(tmp_path / "v.mp4", steady(4, 12)).read_bytes()


async def test_a_job_succeeds(bench: Bench, video: bytes) -> None:
    """Its frames are written down and drawn; the caller's bytes are gone."""
    job = await submitted(bench.videos, video)
    assert bench.files() == {"upload"}
    await bench.runner().run(job.id)
    done = await bench.now(job)
    assert (done.state, done.frames_done, done.frames_expected) == (JobState.SUCCEEDED, 20, 20)
    assert done.progress == 1
    assert done.started
    assert done.ended
    assert bench.files() == {"1.jsonl", "1.mp4"}
    _, path = await bench.videos.timeline(job.id)
    timeline = Timeline(path)
    assert timeline.labels == LABELS
    assert [len(frame.faces) for frame in timeline] == [1] * 20
    totals = await bench.videos.job_store.totals()
    assert totals == {"jobs:SUCCEEDED": 1, "frames": 20}


async def test_the_annotated_video_has_the_right_times(bench: Bench, video: bytes) -> None:
    """Its frames come as in the video, from the range's beginning on."""
    job = await submitted(bench.videos, video, start=1.0, end=3.0)
    await bench.runner().run(job.id)
    path = await bench.videos.annotated(job.id)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"
        times = [float(frame.time or 0) for frame in container.decode(stream)]
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(2.0, abs=0.1)
    assert times == pytest.approx([index / 5 for index in range(10)], abs=0.09)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


async def test_frames_are_not_kept_in_the_cache(bench: Bench, video: bytes) -> None:
    """Nobody sends the same frame again."""
    job = await submitted(bench.videos, video, annotate=False)
    await bench.runner().run(job.id)
    assert bench.gateway.cache.values == {}
    assert bench.files() == {"1.jsonl"}


@pytest.mark.parametrize(
    ("prepare", "options", "limits", "code"),
    [
        (lambda _: None, {"start": 60.0}, {}, "no_frames_in_range"),
        (lambda _: None, {}, {"frames": 5}, "too_many_frames"),
        (lambda _: None, {}, {"seconds": 2}, "video_too_long"),
        (lambda _: None, {}, {"pixels": 100}, "video_too_many_pixels"),
        (
            lambda gateway: setattr(gateway.detector, "delay_seconds", 2),
            {},
            {"job_seconds": 0.3},
            "video_time_over",
        ),
        (
            lambda gateway: setattr(gateway.detector, "away", DetectorUnavailableError()),
            {},
            {"retry_seconds": 0.5},
            "detector_unavailable",
        ),
        (
            lambda gateway: setattr(gateway.torchserve, "away", BadModelAnswerError("it", "odd")),
            {},
            {},
            "bad_model_answer",
        ),
    ],
)
async def test_a_job_fails_with_a_code(
    bench: Bench,
    video: bytes,
    prepare: Callable[[FakeGateway], None],
    options: dict[str, float],
    limits: dict[str, float],
    code: str,
) -> None:
    """The code says why, a sentence says what to do, and nothing is left in the spool."""
    prepare(bench.gateway)
    job = await submitted(bench.videos, video, **options)
    await bench.runner(**limits).run(job.id)
    failed = await bench.now(job)
    assert (failed.state, failed.code) == (JobState.FAILED, code)
    assert len(failed.detail) > 20
    assert bench.files() == set()


async def test_a_video_without_a_readable_frame_fails(bench: Bench, video: bytes) -> None:
    """It opens, but what follows its index is noise."""
    begin, end = video.index(b"mdat") + 4, video.index(b"moov") - 4
    noise = b"\x07" * (end - begin)
    job = await submitted(bench.videos, video[:begin] + noise + video[end:])
    await bench.runner().run(job.id)
    failed = await bench.now(job)
    assert (failed.state, failed.code) == (JobState.FAILED, "unreadable_video")
    assert failed.frames_unreadable > 0


async def test_a_part_that_is_away_for_a_moment_costs_a_moment(bench: Bench, video: bytes) -> None:
    """The frame is asked for again until it is back."""
    bench.gateway.detector.away = DetectorUnavailableError()
    job = await submitted(bench.videos, video, annotate=False)
    running = asyncio.create_task(bench.runner(retry_seconds=20).run(job.id))
    await bench.gateway.detector.called.wait()
    await asyncio.sleep(0.3)
    bench.gateway.detector.away = None
    await running
    done = await bench.now(job)
    assert (done.state, done.frames_done) == (JobState.SUCCEEDED, 20)


@pytest.mark.parametrize("call", ["cancel", "delete"])
async def test_a_cancellation_is_seen_within_a_second(
    bench: Bench, video: bytes, call: str
) -> None:
    """Even while a frame is analysed that takes long; nothing is left in the spool."""
    bench.gateway.detector.delay_seconds = 4
    job = await submitted(bench.videos, video)
    running = asyncio.create_task(bench.runner().run(job.id))
    await bench.gateway.detector.called.wait()
    await getattr(bench.videos, call)(job.id)
    async with asyncio.timeout(1):
        await running
    assert bench.files() == set()
    assert bench.gateway.detector.cancelled == 1
    if call == "cancel":
        assert (await bench.now(job)).state is JobState.CANCELLED
    else:
        with pytest.raises(UnknownVideoError):
            await bench.now(job)


async def test_a_cancellation_in_the_middle_is_no_failure(bench: Bench, video: bytes) -> None:
    """Though the files are gone before the worker closes them."""
    bench.gateway.detector.delay_seconds = 0.05
    job = await submitted(bench.videos, video)
    running = asyncio.create_task(bench.runner().run(job.id))

    async def half_way() -> bool:
        return (await bench.now(job)).frames_done > 3

    await until(half_way)
    with structlog.testing.capture_logs() as logged:
        await bench.videos.cancel(job.id)
        await running
    assert [entry["event"] for entry in logged] == ["video left"]
    assert bench.files() == set()


async def test_a_job_that_was_cancelled_in_the_queue_is_not_begun(
    bench: Bench, video: bytes
) -> None:
    """Its bytes went at once."""
    job = await submitted(bench.videos, video)
    await bench.videos.cancel(job.id)
    assert bench.files() == set()
    await bench.runner().run(job.id)
    assert (await bench.now(job)).state is JobState.CANCELLED
    assert not bench.gateway.detector.called.is_set()


async def test_a_job_that_is_unknown_is_logged(bench: Bench, video: bytes) -> None:
    """As after a Redis lost it; its bytes go."""
    job = await submitted(bench.videos, video)
    await bench.videos.job_store.remove(job.id)
    with structlog.testing.capture_logs() as logged:
        await bench.runner().run(job.id)
    assert [entry["event"] for entry in logged] == ["queued video is unknown"]
    assert bench.files() == set()


async def test_a_worker_that_ends_gives_its_job_back(bench: Bench, video: bytes) -> None:
    """Another one begins again, with the bytes, and this does not count as a loss."""
    bench.gateway.detector.delay_seconds = 0.2
    job = await submitted(bench.videos, video)
    runner = bench.runner()
    running = asyncio.create_task(runner.run(job.id))
    await bench.gateway.detector.called.wait()
    runner.stop.set()
    await running
    waiting = await bench.now(job)
    assert (waiting.state, waiting.losses) == (JobState.QUEUED, 0)
    assert bench.files() == {"upload"}
    assert await bench.videos.queue.depth() == 2
    bench.gateway.detector.delay_seconds = 0
    await bench.runner().run(job.id)
    assert (await bench.now(job)).state is JobState.SUCCEEDED
    assert bench.files() == {"2.jsonl", "2.mp4"}


async def test_a_worker_that_ends_at_once_gives_its_job_back(bench: Bench, video: bytes) -> None:
    """Though it is just connecting to Redis."""
    job = await submitted(bench.videos, video)
    runner = bench.runner()
    runner.stop.set()
    async with asyncio.timeout(3):
        await runner.run(job.id)
    assert (await bench.now(job)).state is JobState.QUEUED
    assert bench.files() == {"upload"}


async def test_two_workers_never_have_the_same_job(bench: Bench, video: bytes) -> None:
    """A job that stands in the queue twice is done once."""
    job = await submitted(bench.videos, video, annotate=False)
    await asyncio.gather(bench.runner().run(job.id), bench.runner().run(job.id))
    done = await bench.now(job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 1)
    assert len(bench.gateway.detector.budgets) == 20


async def test_progress_is_seen_while_it_runs(bench: Bench, video: bytes) -> None:
    """By everybody who looks into the table."""
    bench.gateway.detector.delay_seconds = 0.1
    job = await submitted(bench.videos, video, annotate=False)
    running = asyncio.create_task(bench.runner().run(job.id))

    async def half_way() -> bool:
        return 0.2 < (await bench.now(job)).progress < 0.9

    await until(half_way)
    await running


async def test_redis_may_be_away_for_a_moment(
    bench: Bench, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job goes on; it would be given up only when another worker may have it."""
    bench.gateway.detector.delay_seconds = 0.1
    job = await submitted(bench.videos, video, annotate=False)
    running = asyncio.create_task(bench.runner().run(job.id))
    await bench.gateway.detector.called.wait()
    with monkeypatch.context() as patch:
        patch.setattr(bench.videos.job_store, "_change", _away)
        await asyncio.sleep(1)
    await running
    assert (await bench.now(job)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("reply_lost", [False, True])
async def test_results_survive_a_redis_that_is_away_at_the_end(
    bench: Bench, video: bytes, monkeypatch: pytest.MonkeyPatch, *, reply_lost: bool
) -> None:
    """The job ends when it is back, also where only the reply to its last change was lost."""
    change, tries = bench.videos.job_store.change, 0

    async def away_at_the_end(
        identifier: str,
        among: Sequence[JobState],
        changes: Mapping[str, object],
        in_attempt: int | None = None,
    ) -> bool:
        nonlocal tries
        if changes.get("state") is JobState.SUCCEEDED:
            tries += 1
            assert bench.files() == {"upload", "1.jsonl"}
            if tries == 1 and reply_lost:
                await change(identifier, among, changes, in_attempt)
            if tries <= 2:
                raise JobStoreUnavailableError
        return await change(identifier, among, changes, in_attempt)

    monkeypatch.setattr(bench.videos.job_store, "change", away_at_the_end)
    job = await submitted(bench.videos, video, annotate=False)
    await bench.runner().run(job.id)
    done = await bench.now(job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 1)
    assert bench.files() == {"1.jsonl"}


async def test_a_redis_that_stays_away_leaves_what_the_next_worker_needs(
    bench: Bench, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins again, and ends properly."""
    job = await submitted(bench.videos, video, annotate=False)
    change = bench.videos.job_store.change

    async def away_at_the_end(
        identifier: str, among: Sequence[JobState], changes: Mapping[str, object], attempt: int
    ) -> bool:
        if changes.get("state") is JobState.SUCCEEDED:
            raise JobStoreUnavailableError
        return await change(identifier, among, changes, attempt)

    with monkeypatch.context() as patch:
        patch.setattr(bench.videos.job_store, "change", away_at_the_end)
        with pytest.raises(JobStoreUnavailableError):
            await bench.runner(retry_seconds=0).run(job.id)
    assert bench.files() == {"upload", "1.jsonl"}
    silent = bench.videos.job_store.silent
    monkeypatch.setattr(bench.videos.job_store, "silent", lambda state, _: silent(state, 0))
    await recover(bench.videos)
    await bench.runner().run(job.id)
    done = await bench.now(job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 2)
    assert bench.files() == {"2.jsonl"}


async def _away(**_: object) -> None:
    raise ConnectionError
