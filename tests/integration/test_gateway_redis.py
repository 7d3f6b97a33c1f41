"""RedisCache and everything that a Redis can do to it: slower at most, never wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from mien_gateway.cache import redis_connection
from mien_gateway.cache.result_cache import RedisCache
from tests.chaos.slow_network import Network
from tests.conftest import RedisServer
from tests.fakes.videos import until

TTL_SECONDS = 100
COOLDOWN_SECONDS = 0.2

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def cache_at(url: str, timeout_seconds: float = 2) -> AsyncIterator[RedisCache]:
    cache = RedisCache.connect(
        url,
        ttl_seconds=TTL_SECONDS,
        timeout_seconds=timeout_seconds,
        cooldown_seconds=COOLDOWN_SECONDS,
    )
    yield cache
    await cache.close()


@asynccontextmanager
async def listener(handler: Handler) -> AsyncIterator[str]:
    """Something that listens like a Redis, and is none; yields its URL."""
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def run() -> None:
            try:
                await handler(reader, writer)
            finally:
                writer.close()

        task = asyncio.create_task(run())
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def black_hole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and never answers."""
    del writer
    while await reader.read(1000):
        pass


async def babbler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers, but not in Redis' language."""
    while await reader.read(1000):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")


async def hanger_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes the connection in the middle of the first question."""
    del writer
    await reader.read(10)


async def elapsed(call: Awaitable[object]) -> float:
    started = time.perf_counter()
    await call
    return time.perf_counter() - started


async def test_every_value_expires(redis_server: RedisServer) -> None:
    """Within a tenth around the time set, and not all at the same moment."""
    async with cache_at(redis_server.url) as cache, Redis.from_url(redis_server.url) as redis:
        keys = [b"%d" % number for number in range(50)]
        await cache.put_many(dict.fromkeys(keys, b"value"))
        left = [await redis.pttl(key) / 1000 for key in keys]
    assert all(0.89 * TTL_SECONDS < seconds <= 1.1 * TTL_SECONDS for seconds in left)
    assert max(left) - min(left) > 1


@pytest.mark.parametrize("handler", [black_hole, babbler, hanger_up])
async def test_one_that_does_not_work_costs_one_short_wait(handler: Handler) -> None:
    """Then it is left alone for a while, and costs nothing."""
    async with listener(handler) as url, cache_at(url, 0.05) as cache:
        assert await elapsed(cache.get_many([b"key"])) < 0.5
        started = time.perf_counter()
        for _ in range(100):
            assert await cache.get_many([b"key"]) is None
            await cache.put_many({b"key": b"value"})
        assert time.perf_counter() - started < 0.5


async def test_one_that_is_not_there_costs_next_to_nothing() -> None:
    """A refused connection is not tried again and again."""
    async with cache_at("redis://127.0.0.1:1/0") as cache:
        assert await elapsed(cache.get_many([b"key"])) < 0.5


async def test_after_a_while_one_caller_tries_again() -> None:
    """The others still do not wait."""
    attempts = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        await hanger_up(reader, writer)

    async with listener(counting) as url, cache_at(url, 0.05) as cache:
        await cache.get_many([b"key"])
        attempts = 0
        await asyncio.sleep(COOLDOWN_SECONDS)
        await asyncio.gather(*(cache.get_many([b"key"]) for _ in range(50)))
    assert attempts == 1


async def test_a_late_reply_costs_nobody_else_the_cache(redis_server: RedisServer) -> None:
    """Until it has come they go on without; then the cache is used again, at once."""
    network = Network()
    async with (
        network.before(redis_server.port) as port,
        cache_at(f"redis://127.0.0.1:{port}/0", timeout_seconds=5) as cache,
    ):
        await cache.put_many({b"key": b"value"})
        cache._connection._timeout_seconds = 0.05
        network.through.clear()
        assert await cache.get_many([b"key"]) is None
        cache._connection._timeout_seconds = 1000
        assert await cache.get_many([b"key"]) is None
        network.through.set()

        async def has_come() -> bool:
            return not cache._connection.is_behind

        await until(has_come)
        assert await cache.get_many([b"key"]) == [b"value"]


async def test_a_redis_whose_replies_are_all_late_is_left_alone(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would cost every caller his wait."""
    async with cache_at(redis_server.url, timeout_seconds=5) as cache:
        assert await cache.ping()
        monkeypatch.setattr(redis_connection, "OVERDUE_SECONDS", 0)
        cache._connection._timeout_seconds = 0.05
        redis_server.hang()
        assert await cache.get_many([b"key"]) is None
        redis_server.resume()
        assert cache._backoff.is_open()


async def test_a_killed_redis_is_used_again_when_it_is_back(redis_server: RedisServer) -> None:
    """Soon after, though every pooled connection died with it."""
    async with cache_at(redis_server.url) as cache:
        await asyncio.gather(*(cache.put_many({b"%d" % n: b"old"}) for n in range(20)))
        redis_server.kill()
        assert await cache.get_many([b"1"]) is None
        redis_server.start()
        await asyncio.sleep(COOLDOWN_SECONDS)
        assert await cache.get_many([b"1"]) == [None]
        await cache.put_many({b"1": b"new"})
        assert await cache.get_many([b"1"]) == [b"new"]


@pytest.mark.parametrize("setting", [{"maxmemory": "1"}, {"min-replicas-to-write": "1"}])
async def test_one_that_keeps_nothing_more_can_still_be_read(
    redis_server: RedisServer, setting: dict[str, str]
) -> None:
    """A full or read-only Redis refuses what is put, and that is no failure."""
    async with cache_at(redis_server.url) as cache, Redis.from_url(redis_server.url) as redis:
        await cache.put_many({b"old": b"value"})
        await redis.config_set("maxmemory-policy", "noeviction")
        for name, value in setting.items():
            await redis.config_set(name, value)
        await cache.put_many({b"new": b"value"})
        assert await cache.get_many([b"old", b"new"]) == [b"value", None]


async def test_a_key_of_another_type_is_a_miss(redis_server: RedisServer) -> None:
    """Whatever somebody else put there."""
    async with cache_at(redis_server.url) as cache, Redis.from_url(redis_server.url) as redis:
        await redis.lpush("key", "value")
        assert await cache.get_many([b"key"]) == [None]
