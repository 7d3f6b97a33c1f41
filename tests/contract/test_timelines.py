"""What keeps timelines: the tests' own, and Redis."""

import time
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from mien_gateway.cache.keys import CacheKeys
from mien_gateway.cache.redis_connection import open_redis
from mien_gateway.errors import TimelinesUnavailableError, UnknownSessionError
from mien_gateway.sessions import Entry, Observed, RedisTimelines, Seen, Timelines
from tests.chaos.slow_network import Network
from tests.conftest import RedisServer
from tests.fakes.gateway import FakeTimelines
from tests.fakes.videos import until

FOREVER = 9e12


def observed(number: int) -> Observed:
    """Something like nothing else."""
    return Observed("model", (Seen(number, "happy", {"happy": 0.9, "sad": 0.1}),))


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A client of a Redis of its own."""
    client = open_redis(redis_server.url, 2)
    yield client
    await client.aclose()


def over_redis(redis: Redis, *, ttl_seconds: float = 60) -> RedisTimelines:
    return RedisTimelines(
        redis, CacheKeys(b"a secret for tests"), ttl_seconds=ttl_seconds, append_seconds=1
    )


@pytest.fixture(params=["fake", "redis"])
def timelines(request: pytest.FixtureRequest) -> Timelines:
    """Either of them."""
    if request.param == "fake":
        return FakeTimelines()
    return over_redis(request.getfixturevalue("redis"))


async def test_entries_come_back_in_order(timelines: Timelines) -> None:
    """Those of the session, and no other's."""
    for number in range(5):
        assert await timelines.append("session-one", observed(number))
    await timelines.append("session-two", observed(9))
    entries = await timelines.read("session-one", 0, FOREVER, 100)
    assert [entry.seen for entry in entries] == [observed(number) for number in range(5)]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert len(await timelines.read("session-one", 0, FOREVER, 2)) == 2


async def test_pages_hold_each_entry_once(timelines: Timelines) -> None:
    """However short they are; and what comes meanwhile is on the last one."""
    for number in range(4):
        await timelines.append("session-one", observed(number))
    read: list[Entry] = []
    after = ""
    while page := await timelines.read("session-one", 0, FOREVER, 1, after):
        read += page
        after = page[-1].cursor
        if len(read) == 2:
            await timelines.append("session-one", observed(4))
    assert [entry.seen for entry in read] == [observed(number) for number in range(5)]


async def test_entries_of_one_millisecond_are_told_apart(redis: Redis) -> None:
    """By Redis' own id; a time by which an entry was found finds it again."""
    timelines = over_redis(redis)
    await timelines.append("session-one", observed(0))
    (key,) = await redis.keys("*")
    ((_, fields),) = cast("list[tuple[bytes, Any]]", await redis.xrange(key))
    await redis.delete(key)
    ids = [f"{1_700_000_000_123 + n}-{place}" for n in range(50) for place in (0, 1)]
    for one in ids:
        await redis.xadd(key, fields, id=one)
    read: list[Entry] = []
    after = ""
    while page := await timelines.read("session-one", 0, FOREVER, 3, after):
        read += page
        after = page[-1].cursor
    assert [entry.cursor for entry in read] == ids
    for entry in read:
        found = await timelines.read("session-one", entry.at, entry.at, 3)
        assert [one.at for one in found] == [entry.at] * 2


async def test_a_range_without_entries_is_empty(timelines: Timelines) -> None:
    """Which is another thing than an unknown session."""
    await timelines.append("session-one", observed(0))
    assert await timelines.read("session-one", FOREVER - 1, FOREVER, 10) == []
    with pytest.raises(UnknownSessionError):
        await timelines.read("session-two", 0, FOREVER, 10)


async def test_a_session_is_forgotten_once(timelines: Timelines) -> None:
    """And unknown afterwards."""
    await timelines.append("session-one", observed(0))
    await timelines.delete("session-one")
    with pytest.raises(UnknownSessionError):
        await timelines.delete("session-one")


async def test_a_session_expires_after_its_last_entry(redis: Redis) -> None:
    """Each entry puts it off; the id itself is nowhere in Redis."""
    timelines = over_redis(redis, ttl_seconds=0.3)
    before = time.time()
    await timelines.append("session-one", observed(0))
    (key,) = await redis.keys("*")
    assert b"session-one" not in key
    assert 0 < await redis.pttl(key) <= 300
    (entry,) = await timelines.read("session-one", 0, FOREVER, 10)
    assert before - 1 < entry.at < time.time() + 1


async def test_a_redis_far_away_is_reached(redis_server: RedisServer) -> None:
    """Though connecting takes longer than an append may."""
    async with Network(delay_seconds=0.05).before(redis_server.port) as port:
        client = open_redis(f"redis://127.0.0.1:{port}/0", 5)
        keys = CacheKeys(b"a secret for tests")
        timelines = RedisTimelines(client, keys, ttl_seconds=60, append_seconds=0.18)
        assert not await timelines.append("session-one", observed(0))

        async def kept() -> bool:
            return await timelines.append("session-one", observed(1))

        await until(kept)
        await client.aclose()


async def test_a_redis_that_is_away_costs_an_append_little(redis_server: RedisServer) -> None:
    """And is not asked again at once; reading says that it is away."""
    client = open_redis(redis_server.url, 0.05)
    timelines = over_redis(client)
    redis_server.kill()
    assert not await timelines.append("session-one", observed(0))
    started = time.perf_counter()
    for _ in range(100):
        assert not await timelines.append("session-one", observed(0))
    assert time.perf_counter() - started < 0.1
    with pytest.raises(TimelinesUnavailableError):
        await timelines.read("session-one", 0, FOREVER, 10)
    await client.aclose()
