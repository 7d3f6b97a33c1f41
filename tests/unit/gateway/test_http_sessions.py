"""Timelines over REST."""

import httpx
import pytest

from mien_gateway.http.openapi import schemas
from tests.fakes.gateway import JPEG, FakeGateway

PATH = "/v1/sessions/my-session/timeline"


async def test_what_was_seen_is_read_back(client: httpx.AsyncClient) -> None:
    """In order, by range, page by page."""
    for number in range(5):
        await client.post("/v1/analyze?session=my-session", content=JPEG + bytes([number]))
    response = await client.get(PATH)
    timeline = schemas.Timeline.model_validate_json(response.content, strict=True)
    assert [entry.at for entry in timeline.entries] == [0, 1, 2, 3, 4]
    assert timeline.next is None
    assert timeline.entries[0].faces[0].probabilities
    page = (await client.get(PATH, params={"start": 1, "end": 3, "limit": 2})).json()
    assert [entry["at"] for entry in page["entries"]] == [1, 2]
    following = {"start": page["next"], "end": 3, "limit": 2}
    rest = (await client.get(PATH, params=following)).json()
    assert [entry["at"] for entry in rest["entries"]] == [3]
    assert rest["next"] is None


async def test_it_can_be_forgotten(client: httpx.AsyncClient) -> None:
    """At once, and then it is unknown."""
    await client.post("/v1/analyze?session=my-session", content=JPEG)
    assert (await client.delete(PATH)).status_code == 204
    for again in (await client.get(PATH), await client.delete(PATH)):
        assert (again.status_code, again.json()["code"]) == (404, "unknown_session")


async def test_no_analysis_fails_over_its_timeline(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """But who asks for the timeline is told."""
    gateway.timelines.away = True
    response = await client.post("/v1/analyze?session=my-session", content=JPEG)
    assert response.status_code == 200
    read = await client.get(PATH)
    assert (read.status_code, read.json()["code"]) == (503, "timelines_unavailable")
    assert read.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "query", ["start=-1", "end=soon", "limit=0", "limit=5001", "start=nan", "start=1-"]
)
async def test_a_range_that_is_none_is_told(client: httpx.AsyncClient, query: str) -> None:
    """By its name."""
    response = await client.get(f"{PATH}?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert query.partition("=")[0] in response.json()["detail"]


@pytest.mark.parametrize("session", ["short", "with space", "x" * 129, "a/b/c/d/e/f"])
async def test_an_id_that_could_be_guessed_is_none(client: httpx.AsyncClient, session: str) -> None:
    """Nor may it be anything else than an id."""
    response = await client.post("/v1/analyze", params={"session": session}, content=JPEG)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
