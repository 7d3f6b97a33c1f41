"""Replicas behind one name: new ones get their share soon, and old ones leave unnoticed.

Two real face-detectors at two addresses of loopback, and a real name server.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psutil

from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.face_detector import GrpcFaceDetector
from tests.fakes import pictures
from tests.fakes.gateway import SHAPE
from tests.fakes.name_server import NameServer, name_server
from tests.integration.test_face_detector_process import Detector
from tests.running_system import free_ports

LIMIT = 10_000_000
PAUSE_SECONDS = 0.1
CALL_SECONDS = 20.0
NOTICE_SECONDS = 60
"""Within a minute, a new replica has work."""
SHARE_SECONDS = 4.0


@contextmanager
def detector_at(address: str) -> Iterator[Detector]:
    """A real face-detector whose connections do not grow old.

    It lets many wait: on a machine that stalls a refusal would say nothing of how replicas leave.
    """
    detector = Detector(
        MIEN_DETECTOR_ADDRESS=address,
        MIEN_DETECTOR_MAX_CONNECTION_AGE_SECONDS="2",
        MIEN_DETECTOR_QUEUE="10000",
    )
    try:
        detector.port()
        yield detector
    finally:
        detector.close()


class Load:
    """Asks at a steady rate; whatever fails, raises."""

    def __init__(self, detector: GrpcFaceDetector) -> None:
        self._detector = detector
        self._picture = pictures.SAMPLE.read_bytes()
        self.answered = 0
        self._failure: BaseException | None = None

    def end(self, task: asyncio.Task[None]) -> None:
        """Remember why the task ended, if by itself."""
        self._failure = None if task.cancelled() else task.exception()

    def check(self) -> None:
        """Raise what a call raised, if one did."""
        if self._failure:
            raise self._failure

    async def run(self) -> None:
        """Ask until cancelled, without waiting for the answers."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._ask())
                await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self) -> None:
        found = await self._detector.detect(self._picture, SHAPE, CALL_SECONDS)
        assert len(found.faces) == 1
        self.answered += 1


@asynccontextmanager
async def load(names: NameServer, port: int) -> AsyncIterator[Load]:
    """Calls through the gateway's own channel, all of which must be answered."""
    async with open_channel(names.target(port), LIMIT) as channel:
        load = Load(GrpcFaceDetector(channel, LIMIT))
        task = asyncio.create_task(load.run())
        task.add_done_callback(load.end)
        try:
            yield load
            load.check()
        finally:
            task.cancel()
            await asyncio.wait([task])


def busy_seconds(detector: Detector) -> float:
    """CPU time that a detector has used."""
    times = psutil.Process(detector.process.pid).cpu_times()
    return times.user + times.system


async def has_work(detector: Detector, calls: Load) -> float:
    """Wait until it is asked; returns how long that took."""
    idle, started = busy_seconds(detector), time.monotonic()
    while busy_seconds(detector) < idle + 0.2:
        calls.check()
        assert time.monotonic() < started + NOTICE_SECONDS, "it is never asked"
        await asyncio.sleep(0.1)
    return time.monotonic() - started


async def test_a_new_replica_is_found_and_an_old_one_leaves_unnoticed() -> None:
    """No call fails on the way, and both share the work while both are there."""
    port = free_ports(["detector"])["detector"]
    with detector_at(f"127.0.0.1:{port}") as old:
        async with name_server("127.0.0.1") as names, load(names, port) as calls:
            await has_work(old, calls)
            with detector_at(f"127.0.0.2:{port}") as new:
                names.addresses.append("127.0.0.2")
                await has_work(new, calls)
                before = busy_seconds(old), busy_seconds(new)
                await asyncio.sleep(SHARE_SECONDS)
                shares = busy_seconds(old) - before[0], busy_seconds(new) - before[1]
                assert min(shares) > max(shares) / 3
                names.addresses.remove("127.0.0.1")
                answered = calls.answered
                old.process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(old.process.wait, 20)
                await has_work(new, calls)
                assert calls.answered > answered
