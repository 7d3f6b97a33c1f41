"""Mixed load for a while: memory, open files and tasks stay where they are.

Half a minute in `make test-all`, ten minutes in `make soak`.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc.aio
import httpx
import orjson
import psutil
import pytest
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceStub
from websockets.asyncio.client import connect

from tests.chaos.faults import pid_of
from tests.chaos.load import Load, Outcome
from tests.running_system import ROOT, System

SECONDS = float(os.environ.get("MIEN_TEST_SOAK_SECONDS", "30"))

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(SECONDS + 120)]

TWINS = ("fer2013-squeezenet-pytorch", "fer2013-squeezenet-tensorflow")
WATCHED = ("gateway", "face-detector", "worker")
# What a process may still grow by once it is warm, whatever the time: caches of allocators.
SLACK_BYTES = 12_000_000
BYTES_PER_MINUTE = 1_000_000
GATEWAY_BYTES = 150_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process."""

    at: float
    memory_bytes: int
    files: int


def look(system: System, name: str) -> Sample:
    process = psutil.Process(pid_of(system.supervisor, name))
    return Sample(time.monotonic(), process.memory_info().rss, process.num_fds())


async def batches(system: System, photo: bytes) -> None:
    """Four pictures at once, two of them broken."""
    files = [("images", (f"{n}.jpg", photo if n % 2 else photo[:200])) for n in range(4)]
    async with httpx.AsyncClient(base_url=system.settings.rest_url, timeout=20) as client:
        answer = (await client.post("/v1/analyze/batch", files=files)).raise_for_status().json()
        assert (answer["succeeded"], answer["failed"]) == (2, 2)
        for path in ("/v1/compare", "/v1/explain?overlay=true", "/v1/analyze/annotated"):
            (await client.post(path, content=photo)).raise_for_status()


async def streams(system: System, photo: bytes) -> None:
    """A short live stream that ends without a word."""
    address = system.settings.rest_url.replace("http", "ws", 1)
    async with connect(f"{address}/v1/stream", compression=None) as socket:
        await socket.send('{"type": "start", "consent": true, "session": "a-soaking-session"}')
        await socket.recv()
        for _ in range(10):
            await socket.send(photo)
            assert orjson.loads(await socket.recv())["type"] == "result"


async def calls(system: System, photo: bytes) -> None:
    """gRPC, on a connection of its own each time."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{system.settings.grpc_port}") as channel:
        stub = EmotionServiceStub(channel)
        answer = await stub.Analyze(pb.AnalyzeRequest(image=photo), timeout=20)
        assert len(answer.faces) == 1


async def again_and_again(
    work: Callable[[System, bytes], Awaitable[None]],
    system: System,
    photo: bytes,
    stop: asyncio.Event,
) -> int:
    done = 0
    while not stop.is_set():
        await work(system, photo)
        done += 1
        await asyncio.sleep(0.2)
    return done


async def test_nothing_grows(system: System, photo: bytes) -> None:
    """Memory by less than a megabyte a minute, files and refusals not at all."""
    load = Load(system.settings.rest_url, photo, TWINS, rate=10, deadline_seconds=5)
    await load.learn()
    stop = asyncio.Event()
    samples: dict[str, list[Sample]] = {name: [] for name in WATCHED}
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(stop))
        others = [
            group.create_task(again_and_again(work, system, photo, stop))
            for work in (batches, streams, calls)
        ]
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(min(SECONDS / 30, 5))
            for name in WATCHED:
                samples[name].append(look(system, name))
        stop.set()
    write(samples)
    assert all(task.result() > 3 for task in others)
    assert not [one for one in load.answers if one.outcome is not Outcome.RIGHT]
    for name, looks in samples.items():
        assert_flat(name, looks)
    assert samples["gateway"][-1].memory_bytes < GATEWAY_BYTES


def assert_flat(name: str, looks: list[Sample]) -> None:
    """The first half warms up; from there on little may come."""
    warm = looks[len(looks) // 2 :]
    minutes = (warm[-1].at - warm[0].at) / 60
    grown = warm[-1].memory_bytes - warm[0].memory_bytes
    assert grown < SLACK_BYTES + BYTES_PER_MINUTE * minutes, f"{name}: {grown} bytes more"
    assert warm[-1].files <= warm[0].files + 10, f"{name}: {warm[-1].files} open files"


def write(samples: dict[str, list[Sample]]) -> None:
    """Leave the figures in build/soak.csv."""
    path = ROOT / "build" / "soak.csv"
    path.parent.mkdir(exist_ok=True)
    rows = [
        f"{name},{one.at - looks[0].at:.1f},{one.memory_bytes},{one.files}"
        for name, looks in samples.items()
        for one in looks
    ]
    path.write_text("process,seconds,memory_bytes,files\n" + "\n".join(rows) + "\n")
