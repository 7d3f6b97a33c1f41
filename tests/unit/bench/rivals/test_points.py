"""Measuring a point of a small server that is known."""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from mien_bench.errors import WrongAnswerError
from mien_bench.rivals.asking import Client
from mien_bench.rivals.points import Point, measure
from mien_bench.rivals.systems import SYSTEMS, System

SECONDS_EACH = 0.02
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
PICTURE = b"one picture"
FACE = {
    "box": {"x": 1, "y": 2, "width": 3, "height": 4},
    "probabilities": dict.fromkeys(LABELS, 1 / 7),
}


def system(cache: str = "") -> System:
    return replace(SYSTEMS["bentoml"], cache=cache)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that answers one request at a time, and `wrong` to the picture `wrong`."""
    one_at_a_time = asyncio.Lock()

    async def predict(request: web.Request) -> web.Response:
        body = await request.read()
        async with one_at_a_time:
            await asyncio.sleep(SECONDS_EACH)
        if body == b"refused":
            return web.Response(status=503)
        faces = [FACE] * (2 if body == b"wrong" else 1)
        return web.Response(body=json.dumps({"faces": faces, "cache": "miss"}))

    app = web.Application()
    app.router.add_post("/predict", predict)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_rate_of_a_server_that_has_a_queue_is_its_own(url: str) -> None:
    """Though the first and the last wave of answers take longer than the point lasts."""
    pictures = itertools.repeat(PICTURE)
    async with Client(system(), url) as client:
        row = await measure(client, Point("one-face", 1, 8), pictures, [os.getpid()], 0.5, 3)
    assert (row.round, row.clients, row.failures, row.failure) == (3, 8, 0, "")
    assert 0.6 / SECONDS_EACH < row.rate <= 1.05 / SECONDS_EACH
    # Eight wait for each other.
    assert row.p50_ms > 6 * SECONDS_EACH * 1e3
    assert row.p99_ms >= row.p50_ms
    assert row.cpu_ms > 0
    assert row.answers >= 4


async def test_a_slow_system_gets_more_time_than_was_asked_for(url: str) -> None:
    pictures = itertools.repeat(PICTURE)
    async with Client(system(), url) as client:
        row = await measure(client, Point("one-face", 1, 4), pictures, [], 0.01, 1)
    assert row.seconds >= 2 * 4 * SECONDS_EACH
    assert row.answers >= 4


async def test_wrong_answers_are_counted_and_kept_out(url: str) -> None:
    pictures = itertools.cycle([PICTURE, PICTURE, PICTURE, PICTURE, b"wrong"])
    async with Client(system(), url) as client:
        row = await measure(client, Point("one-face", 1, 2), pictures, [], 0.4, 1)
    assert row.failures > 0
    assert row.failure == "WrongAnswerError: 2 faces instead of 1"
    assert row.rate < 0.9 / SECONDS_EACH


async def test_a_refusal_is_a_wrong_answer(url: str) -> None:
    async with Client(system(), url) as client:
        with pytest.raises(WrongAnswerError, match="status 503"):
            await client.check(b"refused", 1)


async def test_an_answer_from_elsewhere_than_it_must_come_is_wrong(url: str) -> None:
    async with Client(system(cache="hit"), url) as client:
        with pytest.raises(WrongAnswerError, match="the cache says miss instead of hit"):
            await client.check(PICTURE, 1)
