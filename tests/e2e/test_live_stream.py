"""WS /v1/stream at thirty frames a second, on the real parts."""

import asyncio
import io
import statistics
import time

import orjson
import pytest
from PIL import Image
from websockets.asyncio.client import connect

from tests.running_system import System

pytestmark = pytest.mark.e2e

FRAMES, RATE = 90, 30


@pytest.fixture(scope="module")
def frames(photo: bytes) -> list[bytes]:
    """A camera that is not quite still."""
    picture = Image.open(io.BytesIO(photo)).resize((640, 640))
    made = []
    for number in range(FRAMES):
        top = 100 + number % 20
        buffer = io.BytesIO()
        picture.crop((0, top, 640, top + 360)).save(buffer, "JPEG", quality=85)
        made.append(buffer.getvalue())
    return made


async def test_live_frames_are_answered_without_a_backlog(
    system: System, frames: list[bytes]
) -> None:
    """What cannot be answered is dropped and counted; the last answer is as fresh as the first."""
    address = system.settings.rest_url.replace("http", "ws", 1)
    sent: dict[int, float] = {}
    waits: list[float] = []
    async with connect(f"{address}/v1/stream", compression=None) as socket:
        await socket.send('{"type": "start", "consent": true}')
        assert orjson.loads(await socket.recv())["type"] == "ready"

        async def read() -> dict[str, int]:
            async for message in socket:
                document = orjson.loads(message)
                if document["type"] == "end":
                    return dict(document)
                assert document["type"] == "result", document
                assert [face["track"] for face in document["faces"]] == [1]
                waits.append(time.perf_counter() - sent[document["frame"]])
            raise AssertionError

        reading = asyncio.create_task(read())
        begin = time.perf_counter()
        for number, frame in enumerate(frames, 1):
            await asyncio.sleep(max(begin + number / RATE - time.perf_counter(), 0))
            sent[number] = time.perf_counter()
            await socket.send(frame)
        await socket.send('{"type": "stop"}')
        end = await asyncio.wait_for(reading, 10)
    assert end["frames"] == FRAMES
    assert len(waits) + end["dropped_frames"] == FRAMES
    assert len(waits) > FRAMES / 3
    # Two frames are under way at most, so that no wait can grow with the stream.
    assert statistics.median(waits[-20:]) < 3 * statistics.median(waits[:20]) + 0.1
