"""The hottest route goes past the framework, and nobody can tell."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from mien_gateway.core import Core
from mien_gateway.http import app as http_app
from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import JPEG, NO_FACE, TENSORFLOW, FakeGateway

# Different in every answer.
OWN = ("request_id", "timings_ms")

REQUESTS: dict[str, dict[str, Any]] = {
    "a picture": {"content": JPEG},
    "no face": {"content": NO_FACE},
    "a form": {"files": {"image": JPEG}},
    "base64": {"json": {"image": "eA=="}},
    "another model": {"content": JPEG, "params": {"model": TENSORFLOW}},
    "an unknown model": {"content": JPEG, "params": {"model": "gone"}},
    "nothing": {"content": b""},
    "too much": {"content": bytes(20_000_000)},
    "a wrong option": {"content": JPEG, "params": {"minimum_confidence": "much"}},
    "a wrong deadline": {"content": JPEG, "headers": {"X-Request-Timeout": "soon"}},
    "no JSON": {"content": b"{", "headers": {"Content-Type": "application/json"}},
    "another method": {"method": "PUT", "content": JPEG},
    "a question": {"method": "GET"},
    "a slash too many": {"url": "/v1/analyze/", "content": JPEG},
}


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> Callable[[Core], ASGIApp]:
    """Makes applications without the shortcut."""

    def make(core: Core) -> ASGIApp:
        with monkeypatch.context() as patch:
            patch.setattr(http_app, "FastPath", lambda app, *_: app)
            return create_http_app(core)

    return make


async def ask(app: ASGIApp, asked: dict[str, Any]) -> tuple[int, list[str], Any]:
    """Return the status, the names of the headers, and the body without what always differs."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        response = await client.request(**{"method": "POST", "url": "/v1/analyze"} | asked)
    body = response.json()
    return (
        response.status_code,
        sorted(response.headers),
        {k: body[k] for k in body if k not in OWN},
    )


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
async def test_both_ways_answer_alike(
    long_way: Callable[[Core], ASGIApp], asked: dict[str, Any]
) -> None:
    """Right answers, refusals, and what the route does not know."""
    assert await ask(create_http_app(FakeGateway().core), asked) == await ask(
        long_way(FakeGateway().core), asked
    )


async def test_our_own_faults_are_told_alike(long_way: Callable[[Core], ASGIApp]) -> None:
    """And go on to the server, which logs where they came from."""
    answers = []
    for make in (create_http_app, long_way):
        gateway = FakeGateway()
        gateway.detector.away = ZeroDivisionError()  # type: ignore[assignment]  # no error of ours
        app = make(gateway.core)
        answers.append(await ask(app, {"content": JPEG}))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://mien"
        ) as client:
            with pytest.raises(ZeroDivisionError):
                await client.post("/v1/analyze", content=JPEG)
    assert answers[0] == answers[1]
    assert answers[0][0] == 500
