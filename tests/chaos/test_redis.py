"""What may befall Redis besides its death: it is emptied, or full, or takes no writes."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from redis import Redis

from tests.chaos.conftest import TWINS
from tests.chaos.faults import observe
from tests.chaos.load import Load, Outcome
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

BAD_SECONDS = 2


def emptied(redis: Redis) -> None:
    redis.flushall()


def full(redis: Redis) -> None:
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", "1")


def read_only(redis: Redis) -> None:
    redis.config_set("min-replicas-to-write", "1")


async def befall(redis: Redis, what: Callable[[Redis], None]) -> None:
    """Let it happen, and wait a little."""
    await asyncio.to_thread(what, redis)
    await asyncio.sleep(BAD_SECONDS)


@pytest.mark.parametrize("what", [emptied, full, read_only])
async def test_whatever_befalls_redis_every_answer_is_right(
    system: System, photo: bytes, what: Callable[[Redis], None]
) -> None:
    """Slower, never wrong, never an error."""
    load = Load(system.settings.rest_url, photo, TWINS)
    await load.learn()
    with Redis(port=system.settings.redis_port) as redis:
        before = {
            name: redis.config_get(name)[name]
            for name in ("maxmemory", "maxmemory-policy", "min-replicas-to-write")
        }
        stop = asyncio.Event()
        loading = asyncio.create_task(load.run(stop))

        try:
            await observe(what.__name__, load, partial(befall, redis, what), 20)
        finally:
            for name, value in before.items():
                redis.config_set(name, value)
            stop.set()
            await loading
    assert len(load.answers) > 20 * BAD_SECONDS
    assert [one for one in load.answers if one.outcome is not Outcome.RIGHT] == []
