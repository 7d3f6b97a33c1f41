"""AnalyzeStream: the same stream over gRPC."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_gateway.auth.api_keys import KeyFile, line_of
from mien_gateway.grpc.server import GrpcServer
from tests.fakes.access import ALICE, BOB, Clock, key_file
from tests.fakes.gateway import JPEG, PYTORCH, TENSORFLOW, FakeGateway

if TYPE_CHECKING:  # the stubs alone know this name
    from mien.v1.emotion_pb2_grpc import EmotionServiceAsyncStub

START = pb.AnalyzeStreamRequest(start=pb.StreamStart(consent=True))


def frame(image: bytes, at: float | None = None) -> pb.AnalyzeStreamRequest:
    return pb.AnalyzeStreamRequest(frame=pb.StreamFrame(image=image, taken_at_seconds=at))


async def paced(
    requests: Sequence[pb.AnalyzeStreamRequest],
) -> AsyncIterator[pb.AnalyzeStreamRequest]:
    """One after the other, slowly enough for each to be answered."""
    for request in requests:
        yield request
        await asyncio.sleep(0.05)


async def test_frames_are_answered_and_faces_followed(stub: "EmotionServiceAsyncStub") -> None:
    """From the start to the caller's end."""
    start = pb.AnalyzeStreamRequest(start=pb.StreamStart(consent=True, model=TENSORFLOW))
    sent = [start, *(frame(JPEG + bytes([number]), number / 10) for number in range(3))]
    ready, *results = [one async for one in stub.AnalyzeStream(paced(sent), timeout=10)]
    assert ready.ready.credit == 2
    assert ready.ready.model.name == TENSORFLOW
    assert [one.result.frame for one in results] == [1, 2, 3]
    assert [face.track for one in results for face in one.result.analysis.faces] == [1, 1, 1]


async def test_a_bad_frame_does_not_end_the_stream(stub: "EmotionServiceAsyncStub") -> None:
    """It is answered with the same code as everywhere."""
    sent = [START, frame(b"GIF89a"), frame(JPEG)]
    _, error, result = [one async for one in stub.AnalyzeStream(paced(sent), timeout=10)]
    assert (error.error.frame, error.error.code) == (1, "unsupported_media_type")
    assert result.result.frame == 2


async def reason_of(call: AsyncIterable[pb.AnalyzeStreamResponse]) -> tuple[grpc.StatusCode, str]:
    """How a call ends."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    status = rpc_status.from_call(caught.value)
    info = error_details_pb2.ErrorInfo()
    assert status
    assert status.details[0].Unpack(info)
    return caught.value.code(), info.reason


@pytest.mark.parametrize(
    ("requests", "code", "reason"),
    [
        ([frame(JPEG)], grpc.StatusCode.FAILED_PRECONDITION, "consent_required"),
        ([], grpc.StatusCode.FAILED_PRECONDITION, "consent_required"),
        (
            [pb.AnalyzeStreamRequest(start=pb.StreamStart())],
            grpc.StatusCode.FAILED_PRECONDITION,
            "consent_required",
        ),
        (
            [pb.AnalyzeStreamRequest(start=pb.StreamStart(consent=True, model="nobody"))],
            grpc.StatusCode.NOT_FOUND,
            "unknown_model",
        ),
        (
            [pb.AnalyzeStreamRequest(start=pb.StreamStart(consent=True, hold_seconds=-1))],
            grpc.StatusCode.INVALID_ARGUMENT,
            "invalid_request",
        ),
        ([START, START], grpc.StatusCode.INVALID_ARGUMENT, "invalid_request"),
    ],
)
async def test_what_breaks_the_contract_ends_the_call(
    stub: "EmotionServiceAsyncStub",
    requests: list[pb.AnalyzeStreamRequest],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    """With the reason."""
    assert await reason_of(stub.AnalyzeStream(paced(requests), timeout=10)) == (code, reason)


async def test_a_stopping_gateway_says_goodbye(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """UNAVAILABLE: the client should connect again."""

    async def endless() -> AsyncIterator[pb.AnalyzeStreamRequest]:
        yield START
        await asyncio.sleep(30)

    call = stub.AnalyzeStream(endless(), timeout=10)
    assert (await anext(aiter(call))).ready.credit == 2
    gateway.core.draining.set()
    assert await reason_of(call) == (grpc.StatusCode.UNAVAILABLE, "shutting_down")


async def test_a_stream_ends_with_its_key(tmp_path: Path) -> None:
    """The first frame after the key was revoked ends the call."""
    clock = Clock()
    path = key_file(tmp_path / "keys", line_of("alice", ALICE), line_of("bob", BOB))
    gateway = FakeGateway(keys=KeyFile(path, clock))
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = EmotionServiceStub(channel).AnalyzeStream(metadata=(("x-api-key", ALICE),))
        await call.write(START)
        await call.write(frame(JPEG))
        assert (await anext(aiter(call))).HasField("ready")
        assert (await anext(aiter(call))).HasField("result")
        key_file(path, line_of("bob", BOB))
        clock.now += 1
        await call.write(frame(JPEG))
        assert await reason_of(call) == (grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
    await server.stop(0)


async def test_a_caller_who_leaves_frees_what_he_held(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """The frame under way is cancelled."""
    gateway.detector.delay_seconds = 60

    async def endless() -> AsyncIterator[pb.AnalyzeStreamRequest]:
        yield START
        yield frame(JPEG)
        await asyncio.sleep(30)

    call = stub.AnalyzeStream(endless(), timeout=10)
    await anext(aiter(call))
    await asyncio.wait_for(gateway.detector.called.wait(), 5)
    call.cancel()
    await asyncio.wait_for(gateway.detector.left.wait(), 5)


# A client that buffers next to nothing, as one with little memory would.
NARROW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1024))


async def test_who_does_not_read_is_cut_off() -> None:
    """His place is free then."""
    gateway = FakeGateway(settings={"stream_send_seconds": 0.2})
    gateway.detector.outcomes[JPEG] = [str(face).encode() for face in range(60)]
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{server.port}"
    async with grpc.aio.insecure_channel(address, options=NARROW) as channel:
        call = EmotionServiceStub(channel).AnalyzeStream(timeout=20)
        await call.write(START)
        for _ in range(20):
            await call.write(frame(JPEG))
            await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            while gateway.core.streams.taken:
                await asyncio.sleep(0.05)
        call.cancel()
    await server.stop(0)
    assert outcome_of(gateway, "slow_reader") == 1


def outcome_of(gateway: FakeGateway, outcome: str) -> float | None:
    """How many streams ended so."""
    labels = {"transport": "grpc-stream", "model": PYTORCH, "outcome": outcome}
    return gateway.metrics.registry.get_sample_value("mien_gateway_requests_total", labels)
