"""POST /v1/analyze/batch in both forms."""

import json
import threading
import tracemalloc
from base64 import b64encode
from typing import Any

import httpx
import pytest

from mien_gateway.http.openapi import schemas
from tests.fakes.gateway import JPEG, NO_FACE, TENSORFLOW, FakeGateway


def text(image: bytes) -> str:
    return b64encode(image).decode()


async def test_a_form_with_many_files(client: httpx.AsyncClient) -> None:
    """Each result has the file's name."""
    files = [
        ("images", ("one.jpg", JPEG)),
        ("images", ("two.txt", b"no picture")),
        ("images", ("drei ä.png", NO_FACE)),
    ]
    response = await client.post("/v1/analyze/batch", files=files, data={"model": TENSORFLOW})
    assert response.status_code == 200
    batch = schemas.Batch.model_validate_json(response.content, strict=True)
    assert (batch.succeeded, batch.failed) == (2, 1)
    assert [one.id for one in batch.results] == ["one.jpg", "two.txt", "drei ä.png"]
    first, second, third = batch.results
    assert first.analysis
    assert first.analysis.model.name == TENSORFLOW
    assert second.problem
    assert (second.problem.code, second.problem.status) == ("unsupported_media_type", 415)
    assert third.analysis
    assert third.analysis.faces == []


async def test_json_with_many_pictures(client: httpx.AsyncClient) -> None:
    """Bare, or with an id of the caller's."""
    images = [text(JPEG), {"id": "mine", "image": text(NO_FACE)}, "%%%", {"id": 7}]
    response = await client.post("/v1/analyze/batch", json={"images": images})
    results = response.json()["results"]
    assert [one["id"] for one in results] == ["0", "mine", "2", "7"]
    codes = [one.get("problem", {}).get("code") for one in results]
    assert codes == [None, None, "invalid_base64", "invalid_request"]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"json": {"images": []}}, 422, "invalid_request"),
        ({"json": {"images": "one"}}, 422, "invalid_request"),
        ({"json": {"images": [text(JPEG)] * 65}}, 422, "invalid_request"),
        ({"json": {"images": [text(JPEG)], "model": "nobody"}}, 404, "unknown_model"),
        (
            {"content": JPEG, "headers": {"Content-Type": "image/jpeg"}},
            415,
            "unsupported_media_type",
        ),
        ({"files": [("images", ("a.jpg", JPEG))] * 80}, 422, "invalid_request"),
        ({"files": {"model": (None, "x")}}, 422, "invalid_request"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused_whole(
    client: httpx.AsyncClient, arguments: dict[str, Any], status: int, code: str
) -> None:
    """With a problem document, as everywhere."""
    response = await client.post("/v1/analyze/batch", **arguments)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("entry", ["0", '""', "[]", "{}", '{"image":0}'])
async def test_too_many_entries_are_refused_before_they_are_built(
    client: httpx.AsyncClient, entry: str
) -> None:
    """Two bytes of a document can become hundreds in memory."""
    document = f'{{"images":[{",".join([entry] * 200_000)}]}}'.encode()
    tracemalloc.start()
    response = await client.post(
        "/v1/analyze/batch", content=document, headers={"Content-Type": "application/json"}
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert peak < 3 * len(document) + 1_000_000


async def test_a_large_document_is_read_beside_the_event_loop(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are answered meanwhile."""
    threads = []

    def loads(body: bytes) -> Any:
        threads.append(threading.current_thread())
        return json.loads(body)

    monkeypatch.setattr("mien_gateway.http.bodies.orjson.loads", loads)
    large, small = text(JPEG + bytes(1_000_000)), text(JPEG)
    for image in (large, small):
        await client.post("/v1/analyze/batch", json={"images": [image]})
    assert threads[0] is not threading.current_thread()
    assert threads[1] is threading.current_thread()


async def test_no_path_or_url_is_ever_opened(
    client: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    """A picture is bytes; a name of one is wrong base64, whatever it names."""
    names = ["/etc/passwd", "file:///etc/passwd", "http://localhost:8000/healthz", "../a.jpg"]
    response = await client.post("/v1/analyze/batch", json={"images": names})
    assert {one["problem"]["code"] for one in response.json()["results"]} == {"invalid_base64"}
    for name in names:
        single = await client.post("/v1/analyze", json={"image": name})
        assert single.json()["code"] == "invalid_base64"
    assert gateway.detector.budgets == []
