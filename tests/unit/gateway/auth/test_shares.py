"""What one caller may take of what all share."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from tests.fakes.gateway import JPEG, PYTORCH, FakeGateway
from tests.unit.gateway.auth.test_http_access import client_of

HALF = JPEG + bytes(50_000 - len(JPEG))
OTHER_HALF = HALF[:-1] + b"!"
PICTURE = b64encode(JPEG).decode()
INFERENCE = {
    "inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [PICTURE]}],
}
TENTH = JPEG + bytes(10_000 - len(JPEG))


async def in_chunks(content: bytes) -> AsyncIterator[bytes]:
    """A body of unannounced length."""
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def refused_for_now(response: httpx.Response) -> bool:
    """Whether it may be asked again in a moment."""
    told = (response.status_code, response.json()["code"], response.headers["Retry-After"])
    return told == (503, "overloaded", "1")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_bodies_in_memory_are_counted_by_their_bytes(*, announced: bool) -> None:
    """Until they are answered; half is one caller's at most, and all of it everybody's."""
    gateway = FakeGateway(settings={"max_bytes_in_flight": 100_000})
    gateway.detector.delay_seconds = 3600

    def body(content: bytes) -> bytes | AsyncIterator[bytes]:
        return content if announced else in_chunks(content)

    async with (
        client_of(gateway) as alice,
        client_of(gateway, "192.0.2.2") as bob,
        client_of(gateway, "192.0.2.3") as carol,
    ):
        first = asyncio.create_task(alice.post("/v1/analyze", content=body(HALF)))
        await gateway.detector.called.wait()
        assert refused_for_now(await alice.post("/v1/analyze", content=body(TENTH)))
        gateway.detector.called.clear()
        second = asyncio.create_task(bob.post("/v1/analyze", content=body(OTHER_HALF)))
        await gateway.detector.called.wait()
        assert refused_for_now(await carol.post("/v1/analyze", content=body(TENTH)))
        for held in (first, second):
            held.cancel()
        await asyncio.wait((first, second))
        assert gateway.core.bytes_in_flight.taken == 0
        gateway.detector.delay_seconds = 0
        assert (await carol.post("/v1/analyze", content=body(TENTH))).status_code == 200


async def test_uploads_of_one_caller_leave_places_for_others() -> None:
    """Slow senders, as many as they are."""
    gateway = FakeGateway(settings={"max_uploads": 4})
    started = asyncio.Semaphore(0)

    async def slowly() -> AsyncIterator[bytes]:
        started.release()
        await asyncio.sleep(3600)
        yield JPEG

    async with client_of(gateway) as alice, client_of(gateway, "192.0.2.2") as bob:
        held = [asyncio.create_task(alice.post("/v1/analyze", content=slowly())) for _ in range(2)]
        for _ in held:
            await started.acquire()
        assert refused_for_now(await alice.post("/v1/analyze", content=JPEG))
        assert (await bob.post("/v1/analyze", content=JPEG)).status_code == 200
        for one in held:
            one.cancel()
        await asyncio.wait(held)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/analyze", JPEG),
        ("/v1/compare", JPEG),
        ("/v1/explain", JPEG),
        ("/v1/analyze/batch", {"images": [PICTURE]}),
        ("/predict_emotion", {"image_data": PICTURE, "model_name": PYTORCH}),
        (f"/v2/models/{PYTORCH}/infer", INFERENCE),
    ],
)
async def test_analyses_of_one_caller_leave_places_for_others(
    path: str, body: bytes | dict[str, object]
) -> None:
    """Whatever he asks for, while another analysis of his is under way."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
    gateway = FakeGateway(settings={"max_in_flight": 2})
    gateway.detector.delay_seconds = 3600
    async with client_of(gateway) as alice, client_of(gateway, "192.0.2.2") as bob:
        held = asyncio.create_task(alice.post("/v1/analyze", content=OTHER_HALF))
        await gateway.detector.called.wait()
        gateway.detector.delay_seconds = 0
        refused = await alice.post(path, content=content, headers=headers)
        # 503, but for /predict_emotion, whose contract has no other than 500.
        assert (refused.is_server_error, refused.headers["Retry-After"]) == (True, "1")
        assert (await bob.post(path, content=content, headers=headers)).status_code == 200
        held.cancel()
        await asyncio.wait((held,))
