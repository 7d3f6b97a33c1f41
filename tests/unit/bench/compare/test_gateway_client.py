"""Answers of the gateway that must not count."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mien_bench.compare.pairs import PYTORCH, Pair
from mien_bench.compare.served.gateway import GatewayClient
from mien_bench.errors import WrongAnswerError

Change = Callable[[dict[str, Any]], object]


@asynccontextmanager
async def answering(document: dict[str, Any], status: int = 200) -> AsyncIterator[GatewayClient]:
    """A client of a server that always says the same."""

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Cache-Control"] == "no-store"
        assert await request.read() == b"picture"
        return web.json_response(document, status=status)

    application = web.Application()
    application.router.add_post("/v1/analyze", answer)
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        yield GatewayClient(session, str(server.make_url("")).rstrip("/"))


@pytest.fixture
def right(pair: Pair) -> dict[str, Any]:
    """What counts of a right answer."""
    return {
        "model": {"name": pair.twin(PYTORCH).name},
        "detector": {"name": "yunet"},
        "cache": "bypass",
        "faces": [{"probabilities": {"happy": 0.75, "sad": 0.25}}],
    }


async def test_a_right_answer_gives_the_probabilities(pair: Pair, right: dict[str, Any]) -> None:
    """And says who detects."""
    async with answering(right) as client:
        found = await client.analyze(pair.twin(PYTORCH), b"picture")
    assert found == {"happy": 0.75, "sad": 0.25}
    assert client.detectors == {"yunet"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: one.update(cache="hit"), "cache hit"),
        (lambda one: one["model"].update(name="another"), "another answered"),
        (lambda one: one.update(faces=[]), "0 faces"),
        (lambda one: one["faces"].append(one["faces"][0]), "2 faces"),
        (lambda one: one["faces"][0]["probabilities"].update(sad=0.5), "sum to 1"),
    ],
)
async def test_a_wrong_answer_is_a_failure(
    pair: Pair, right: dict[str, Any], change: Change, reason: str
) -> None:
    """Though its status is 200."""
    wrong = deepcopy(right)
    change(wrong)
    async with answering(wrong) as client:
        with pytest.raises(WrongAnswerError, match=reason):
            await client.analyze(pair.twin(PYTORCH), b"picture")


async def test_a_refusal_is_a_failure_with_its_reason(pair: Pair) -> None:
    """Such as too many requests."""
    async with answering({"code": "overloaded"}, status=503) as client:
        with pytest.raises(WrongAnswerError, match=r"503.*overloaded"):
            await client.analyze(pair.twin(PYTORCH), b"picture")
