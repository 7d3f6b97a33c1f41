"""Rates that are shared through a real Redis, and kept without it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio
import httpx
import pytest
from mien.v1 import emotion_pb2
from mien.v1.emotion_pb2_grpc import EmotionServiceStub
from redis.asyncio import Redis

from mien_gateway.auth.rate_limit import Limiter
from mien_gateway.auth.rates import Rate, parse_rate
from mien_gateway.errors import RateLimitedError
from mien_gateway.grpc.server import GrpcServer
from mien_gateway.http.app import create_http_app
from tests.conftest import RedisServer
from tests.fakes.access import ALICE, keys
from tests.fakes.gateway import FakeGateway

SECRET = b"a secret that both gateways have"
TIMEOUT_SECONDS = 0.05
KEY = (("x-api-key", ALICE),)


@asynccontextmanager
async def limiter_at(
    url: str, timeout_seconds: float = 2, secret: bytes = SECRET
) -> AsyncIterator[Limiter]:
    limiter = Limiter.connect(url, secret=secret, timeout_seconds=timeout_seconds)
    yield limiter
    await limiter.close()


async def allowed(limiter: Limiter, rate: Rate, attempts: int, identity: str = "key:x") -> int:
    """How many of the attempts, all at the same time, are let through."""
    spent = await asyncio.gather(
        *(limiter.spend(identity, rate) for _ in range(attempts)), return_exceptions=True
    )
    failures = [result for result in spent if isinstance(result, BaseException)]
    assert all(isinstance(failure, RateLimitedError) for failure in failures)
    return attempts - len(failures)


async def test_two_gateways_share_one_rate(redis_server: RedisServer) -> None:
    """At the same moment too: exactly as many pass as may."""
    rate = parse_rate("50/day")
    async with limiter_at(redis_server.url) as one, limiter_at(redis_server.url) as other:
        passed = await asyncio.gather(allowed(one, rate, 40), allowed(other, rate, 40))
    assert sum(passed) == 50


async def test_a_batch_that_is_too_much_uses_nothing_up(redis_server: RedisServer) -> None:
    """What is left is left for smaller ones, at every gateway."""
    rate = parse_rate("10/day")
    async with limiter_at(redis_server.url) as one, limiter_at(redis_server.url) as other:
        await one.spend("key:x", rate)
        with pytest.raises(RateLimitedError):
            await one.spend("key:x", rate, 64)
        assert (await other.spend("key:x", rate, 9)).remaining == 0


async def test_rest_and_grpc_of_two_gateways_share_one_rate(redis_server: RedisServer) -> None:
    """A caller's four calls, two by each transport, at different gateways; then none by any."""
    async with limiter_at(redis_server.url) as first, limiter_at(redis_server.url) as second:
        gateways = [FakeGateway(keys=keys("4/day"), limiter=each) for each in (first, second)]
        rest = httpx.ASGITransport(create_http_app(gateways[0].core))
        server = GrpcServer(gateways[1].core, "127.0.0.1:0")
        await server.start()
        async with (
            httpx.AsyncClient(transport=rest, base_url="http://mien", headers=dict(KEY)) as client,
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            stub = EmotionServiceStub(channel)
            for left in (3, 1):
                response = await client.get("/v1/models")
                assert response.headers["RateLimit-Remaining"] == str(left)
                await stub.ListModels(emotion_pb2.ListModelsRequest(), metadata=KEY)
            assert (await client.get("/v1/models")).status_code == 429
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.ListModels(emotion_pb2.ListModelsRequest(), metadata=KEY)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        await server.stop(0)


async def test_redis_is_told_nobody_and_forgets(redis_server: RedisServer) -> None:
    """Keyed hashes that differ by the secret; every one expires."""
    rate = parse_rate("50/minute")
    identities = ("key:alice", "address:192.0.2.1")
    async with (
        limiter_at(redis_server.url) as one,
        limiter_at(redis_server.url, secret=b"another secret of another system") as other,
        Redis.from_url(redis_server.url) as redis,
    ):
        for identity in identities:
            await one.spend(identity, rate)
            await other.spend(identity, rate)
        stored = [key async for key in redis.scan_iter("*")]
        assert len(stored) == 4
        for key in stored:
            assert re.fullmatch(rb"mien:LIMITER/[0-9a-f]{32}/[0-9]+/50/1/minute", key)
            assert 0 < await redis.ttl(key) <= 60


async def test_without_redis_the_rate_is_kept_here(redis_server: RedisServer) -> None:
    """Killed: never an error, never unlimited; back: shared again."""
    rate = parse_rate("10/day")
    async with limiter_at(redis_server.url) as one, limiter_at(redis_server.url) as other:
        assert await allowed(one, rate, 10) == 10
        redis_server.kill()
        # What was spent is not known any more; what is spent now is counted.
        assert await allowed(one, rate, 30) == 10
        assert await allowed(one, rate, 30) == 0
        assert await allowed(other, rate, 30) == 10
        redis_server.start()
        await asyncio.sleep(1.1)
        # One call each tries again; the others do not wait for it.
        assert await allowed(one, rate, 1) + await allowed(other, rate, 1) == 2
        assert await allowed(one, rate, 9) + await allowed(other, rate, 9) == 8


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "not connected"])
async def test_a_redis_that_hangs_costs_one_short_wait(
    redis_server: RedisServer, *, connected: bool
) -> None:
    """SIGSTOP: once the timeout, then nothing until it is tried again."""
    rate = parse_rate("1000/day")
    async with limiter_at(redis_server.url, TIMEOUT_SECONDS) as limiter:
        if connected:
            await limiter.spend("key:x", rate)
        redis_server.hang()
        started = time.perf_counter()
        await limiter.spend("key:x", rate)
        first = time.perf_counter() - started
        started = time.perf_counter()
        for _ in range(100):
            await limiter.spend("key:x", rate)
        rest = time.perf_counter() - started
    assert TIMEOUT_SECONDS * 0.9 < first < 4 * TIMEOUT_SECONDS
    assert rest < 2 * TIMEOUT_SECONDS
