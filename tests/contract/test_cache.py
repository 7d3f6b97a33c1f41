"""What the gateway's pipeline may rely on, of any cache: the fake one and the real one."""

from collections.abc import AsyncIterator

import pytest

from mien_gateway.cache.result_cache import Cache, RedisCache
from tests.conftest import RedisServer
from tests.fakes.gateway import FakeCache


@pytest.fixture(params=["fake", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """Each cache in turn."""
    cache: Cache
    if request.param == "fake":
        cache = FakeCache()
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        cache = RedisCache.connect(server.url, ttl_seconds=60, timeout_seconds=1)
    yield cache
    await cache.close()


async def test_what_was_put_is_got(cache: Cache) -> None:
    """Whatever bytes it is made of."""
    value = bytes(range(256))
    await cache.put_many({b"key": value})
    assert await cache.get_many([b"key"]) == [value]


async def test_what_was_not_put_is_none(cache: Cache) -> None:
    """A miss is no empty value."""
    await cache.put_many({b"empty": b""})
    assert await cache.get_many([b"missing", b"empty"]) == [None, b""]


async def test_values_come_in_the_order_of_the_keys(cache: Cache) -> None:
    """Also when a key is asked for twice."""
    await cache.put_many({b"1": b"one", b"2": b"two"})
    assert await cache.get_many([b"2", b"3", b"1", b"2"]) == [b"two", None, b"one", b"two"]


async def test_the_last_value_counts(cache: Cache) -> None:
    """A second put replaces the first."""
    await cache.put_many({b"key": b"old"})
    await cache.put_many({b"key": b"new"})
    assert await cache.get_many([b"key"]) == [b"new"]


async def test_it_says_that_it_is_there(cache: Cache) -> None:
    """For the readiness report."""
    assert await cache.ping() is True


@pytest.mark.parametrize("kind", ["fake", "redis"])
async def test_one_that_is_away_says_none_and_raises_nothing(kind: str) -> None:
    """The pipeline goes on without it."""
    cache: Cache
    if kind == "fake":
        cache = FakeCache()
        cache.away = True
    else:
        cache = RedisCache.connect("redis://127.0.0.1:1/0", ttl_seconds=60, timeout_seconds=1)
    await cache.put_many({b"key": b"value"})
    assert await cache.get_many([b"key"]) is None
    assert await cache.ping() is False
    await cache.close()
