"""The table of jobs, the spool, and what puts them right."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError
from structlog.testing import capture_logs

from mien_gateway.cache.result_cache import RedisCache
from mien_gateway.errors import JobStoreUnavailableError, UnknownVideoError
from mien_gateway.video.job_store import JobStore, new_id, now
from mien_gateway.video.jobs import UNDER_WAY, JobState, VideoJob, VideoOptions
from mien_gateway.video.recovery import recover, sweep
from mien_gateway.video.service import Videos
from mien_gateway.video.spool import Spool
from mien_gateway.worker.__main__ import warn_of_eviction
from tests.conftest import RedisServer
from tests.fakes.videos import steady, submitted, videos_in, write_video


@pytest.fixture
async def videos(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Videos]:
    """Jobs live for two seconds; a second of silence is too much."""
    limits: dict[str, Any] = {"video_ttl_seconds": 2, "video_stalled_seconds": 1}
    async with videos_in(tmp_path, redis_server.url, **limits) as videos:
        yield videos


@pytest.fixture
def table(videos: Videos) -> JobStore:
    """The table alone."""
    return videos.job_store


def job() -> VideoJob:
    return VideoJob(id=new_id(), options=VideoOptions(model="any", end=3.5), created=now())


async def test_a_job_is_read_as_it_was_written(table: JobStore) -> None:
    """With every field."""
    one = replace(job(), code="odd", detail='"quoted", and ü', frames_done=3, started=1.5)
    await table.add(one)
    assert await table.get(one.id) == one


async def test_a_change_needs_the_state_and_the_attempt(table: JobStore) -> None:
    """Who is late changes nothing."""
    one = job()
    await table.add(one)
    begun = {"state": JobState.RUNNING, "attempt": 1}
    assert await table.change(one.id, [JobState.QUEUED], begun, 0)
    assert not await table.change(one.id, [JobState.QUEUED], begun, 0)
    assert not await table.change(one.id, [JobState.RUNNING], {"frames_done": 9}, 2)
    assert await table.change(one.id, [JobState.RUNNING], {"frames_done": 1}, 1)
    assert await table.change(one.id, UNDER_WAY, {"state": JobState.CANCELLED})
    assert not await table.change(one.id, UNDER_WAY, {"state": JobState.CANCELLED})
    found = await table.get(one.id)
    assert (found.state, found.frames_done) == (JobState.CANCELLED, 1)
    assert await table.totals() == {"jobs:CANCELLED": 1}


async def test_a_job_lives_as_long_as_it_waits(
    videos: Videos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that is: nothing of it has a time to live, in RQ's keys neither."""
    content = write_video(tmp_path / "v.mp4", steady(1, 5)).read_bytes()
    one = await submitted(videos, content)
    client = videos.job_store._client
    # As an earlier version stored it.
    await client.pexpire(f"mien:video:{one.id}", 60_000)
    os.utime(videos.spool.upload(one.id), (0, 0))
    monkeypatch.setattr(videos.job_store, "silent", _all_of(videos.job_store))
    await recover(videos)
    await sweep(videos)
    assert {key: await client.ttl(key) for key in await client.keys()} == dict.fromkeys(
        await client.keys(), -1
    )
    assert (await videos.job_store.get(one.id)).state is JobState.QUEUED
    assert videos.spool.upload(one.id).exists()


def _all_of(table: JobStore) -> Callable[[JobState, float], Awaitable[list[str]]]:
    silent = table.silent
    return lambda state, _: silent(state, 0)


async def test_a_job_that_ended_long_ago_is_gone(videos: Videos, tmp_path: Path) -> None:
    """Whether or not there is a worker to remove it; and until then Redis evicts nothing of it."""
    table = videos.job_store
    content = write_video(tmp_path / "v.mp4", steady(1, 5)).read_bytes()
    one, other = await submitted(videos, content), await submitted(videos, content)
    for job_, ended in ((one, now() - 3), (other, now())):
        videos.spool.timeline(job_.id, 1).write_bytes(b"[]\n")
        await table.change(job_.id, UNDER_WAY, {"state": JobState.SUCCEEDED, "ended": ended})
    assert await table._client.ttl(f"mien:video:{other.id}") == -1
    assert (await table.get(other.id)).state is JobState.SUCCEEDED
    with pytest.raises(UnknownVideoError):
        await table.get(one.id)
    await table._client.zincrby("mien:videos:ended", -3, one.id)
    await sweep(videos)
    assert not await table.exists(one.id)
    assert {path.name for path in videos.spool.folder.iterdir()} == {
        f"{other.id}.upload",
        f"{other.id}.1.jsonl",
    }


async def test_a_full_redis_keeps_what_it_accepted_and_takes_no_more(
    videos: Videos, redis_server: RedisServer, tmp_path: Path
) -> None:
    """The cache makes room for jobs, never the other way round; what is refused leaves nothing."""
    content = write_video(tmp_path / "v.mp4", steady(1, 5)).read_bytes()
    accepted = [await submitted(videos, content) for _ in range(3)]
    async with Redis.from_url(redis_server.url) as redis:
        used = (await redis.info("memory"))["used_memory"]
        await redis.config_set("maxmemory", used + 1_000_000)
        assert (await redis.config_get("maxmemory-policy"))["maxmemory-policy"] == "volatile-lru"
        cache = RedisCache.connect(redis_server.url, ttl_seconds=60, timeout_seconds=5)
        number = 0
        while not (await redis.info("stats"))["evicted_keys"]:
            await cache.put_many({b"%d:%d" % (number, n): bytes(10_000) for n in range(20)})
            number += 1
        accepted.append(await submitted(videos, content))  # the cache gave way
        await cache.close()

        with suppress(OutOfMemoryError):
            while True:
                await redis.append("somebody-else-s", bytes(10_000))
        keys = set(await redis.keys())
        with pytest.raises(JobStoreUnavailableError, match="full"):
            await videos.job_store.check_room()
        with pytest.raises(JobStoreUnavailableError, match="full"):
            await submitted(videos, content)
        assert set(await redis.keys()) == keys
    assert {path.name for path in videos.spool.folder.iterdir()} == {
        f"{one.id}.upload" for one in accepted
    }
    assert await videos.queue.depth() == len(accepted)
    for one in accepted:
        begun = {"state": JobState.RUNNING, "attempt": 1}
        assert await videos.job_store.change(one.id, [JobState.QUEUED], begun, 0)
        done = {"state": JobState.SUCCEEDED, "ended": now()}
        assert await videos.job_store.change(one.id, [JobState.RUNNING], done, 1)
    assert (await videos.job_store.totals())["jobs:SUCCEEDED"] == len(accepted)


@pytest.mark.parametrize(("policy", "warnings"), [("volatile-lru", 0), ("allkeys-lfu", 1)])
def test_a_redis_that_may_evict_jobs_is_told(
    redis_server: RedisServer, policy: str, warnings: int
) -> None:
    """When a worker connects."""
    with BlockingRedis.from_url(redis_server.url) as connection:
        connection.config_set("maxmemory-policy", policy)
        with capture_logs() as logged:
            warn_of_eviction(connection)
    assert [entry["event"] for entry in logged] == ["redis may evict jobs"] * warnings


async def test_a_redis_that_is_away_is_said(table: JobStore, redis_server: RedisServer) -> None:
    """By each call."""
    redis_server.kill()
    for call in (table.add(job()), table.get("x"), table.totals(), table.remove("x")):
        with pytest.raises(JobStoreUnavailableError):
            await call


async def test_ids_cannot_be_guessed() -> None:
    """They have 192 bits, and fit into file names."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 32 and one.replace("-", "").replace("_", "").isalnum() for one in ids)


async def test_a_job_that_lost_its_place_gets_another(videos: Videos, tmp_path: Path) -> None:
    """As when a worker dies after it took the job from the queue, and before it said so."""
    content = write_video(tmp_path / "v.mp4", steady(1, 5)).read_bytes()
    one = await submitted(videos, content)
    ticket = (await videos.job_store.get(one.id)).ticket
    await asyncio.sleep(1.1)
    await recover(videos)
    assert await videos.queue.depth() == 1
    videos.queue._queue.empty()  # type: ignore[attr-defined]
    await recover(videos)
    assert await videos.queue.depth() == 1
    assert (await videos.job_store.get(one.id)).ticket != ticket


async def test_files_without_a_job_are_swept(videos: Videos, tmp_path: Path) -> None:
    """Uploads and results; not those of a job that still lives."""
    content = write_video(tmp_path / "v.mp4", steady(1, 5)).read_bytes()
    one, other = await submitted(videos, content), await submitted(videos, content)
    videos.spool.timeline(one.id, 1).write_bytes(b"[]\n")
    for path in videos.spool.folder.iterdir():
        os.utime(path, (0, 0))
    await sweep(videos)
    assert len(list(videos.spool.folder.iterdir())) == 3
    await videos.job_store.remove(one.id)
    await sweep(videos)
    assert [path.name for path in videos.spool.folder.iterdir()] == [f"{other.id}.upload"]
    assert await videos.job_store.silent(JobState.QUEUED, 0) == [other.id]
    await videos.job_store._client.delete(f"mien:video:{other.id}")
    await asyncio.sleep(1.1)
    await recover(videos)
    assert await videos.job_store.silent(JobState.QUEUED, 0) == []


def test_the_spool_is_ours_alone(tmp_path: Path) -> None:
    """Even where the folder was there before, and readable for all."""
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o755)
    path = Spool(folder).upload("x" * 32)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(PermissionError, match="MIEN_GATEWAY_SPOOL_DIR"):
        Spool(link).upload("x" * 32)


@pytest.mark.parametrize("identifier", ["", "../../etc/passwd", "x" * 200, "*" * 32])
def test_no_path_is_made_of_what_is_no_id(tmp_path: Path, identifier: str) -> None:
    """Whatever a caller names."""
    with pytest.raises(ValueError, match="no id"):
        Spool(tmp_path).upload(identifier)
