"""Whatever is wrong with a file, the running face-detector answers, soon, and stays as it is.

The unit tests hold the decoders to this in the test's own process; here a file comes over
gRPC to the service as it is really started, which neither a crash nor a leak may end.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from random import Random

import grpc.aio
import psutil
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc

from tests.fakes import damage
from tests.fakes.pictures import SAMPLE
from tests.fakes.processes import Service, started

SEED = 20_260_101
PER_FILE = 300
"""Mutations of each file: nearly six thousand in all."""
AT_ONCE = 4
SLOWEST_SECONDS = 2.0
GROWTH_BYTES = 64_000_000
FAULTS = frozenset(pb.ImageFault.keys()) - {"IMAGE_FAULT_UNSPECIFIED"}
SHAPE = pb.CropShape(height=48, width=48, channels=1)


@pytest.fixture
async def detector() -> AsyncIterator[Service]:
    environment = {
        "MIEN_DETECTOR_ADDRESS": "127.0.0.1:0",
        "MIEN_DETECTOR_DETECTOR": "libfacedetection",
    }
    async with started("mien_detector", "serving", environment) as service:
        yield service


class Principal:
    """Sends files, some at a time, and notes how they were answered."""

    def __init__(self, stub: "pb_grpc.FaceDetectorAsyncStub") -> None:
        self._stub = stub
        self._free = asyncio.Semaphore(AT_ONCE)
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0

    async def send_all(self, files: Iterable[bytes]) -> None:
        """Send each, and see that its answer is one of the two that may be."""
        async with asyncio.TaskGroup() as group:
            for file in files:
                group.create_task(self._send(file))

    async def _send(self, file: bytes) -> None:
        async with self._free:
            began = time.monotonic()
            try:
                await self._stub.Detect(pb.DetectRequest(image=file, crop=SHAPE), timeout=20)
            except grpc.aio.AioRpcError as error:
                self.answers[reason(error)] += 1
            else:
                self.answers["read"] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)


def reason(error: grpc.aio.AioRpcError) -> str:
    """Return the ImageFault, or the status where there must be none."""
    if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
        return error.code().name
    metadata = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(metadata[rpc_status.GRPC_DETAILS_METADATA_KEY])
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


async def test_damaged_files_are_read_or_refused(detector: Service) -> None:
    """Never INTERNAL, never slowly; the process lives on, as small as it was."""
    process = psutil.Process(detector.process.pid)
    originals = damage.originals()
    random = Random(SEED)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{detector.entry['port']}") as channel:
        caller = Principal(pb_grpc.FaceDetectorStub(channel))
        await caller.send_all([*originals.values(), SAMPLE.read_bytes()] * AT_ONCE)
        assert set(caller.answers) == {"read"}  # every one of them is good
        before = process.memory_info().rss
        for original in originals.values():
            await caller.send_all(damage.truncated(original))
        for original in originals.values():
            files = (damage.mutated(original, random) for _ in range(PER_FILE))
            await caller.send_all(files)
        grown = process.memory_info().rss - before
        await caller.send_all([SAMPLE.read_bytes()])
    assert detector.process.returncode is None
    assert set(caller.answers) <= FAULTS | {"read"}
    assert min(caller.answers["read"], caller.answers["IMAGE_FAULT_UNREADABLE"]) > 500
    assert caller.slowest < SLOWEST_SECONDS
    assert grown < GROWTH_BYTES
    failures = [entry for entry in await detector.stop() if entry["event"] == "a request failed"]
    assert failures == []
