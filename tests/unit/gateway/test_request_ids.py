"""A request's id is known wherever something is done for it, here and at the detector."""

from typing import TYPE_CHECKING

import grpc.aio
import httpx
import structlog
from mien.v1 import emotion_pb2
from mien.v1 import face_detector_pb2 as pb
from structlog.testing import capture_logs
from structlog.types import EventDict

from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.face_detector import GrpcFaceDetector
from mien_gateway.errors import ModelServerUnavailableError
from mien_gateway.telemetry.logging import bind_request_id
from tests.fakes.gateway import JPEG, PYTORCH, SHAPE, FakeDetector, FakeGateway
from tests.fakes.gateway_wire import Context, WireDetector, serving

if TYPE_CHECKING:  # the stubs alone know this name
    from mien.v1.emotion_pb2_grpc import EmotionServiceAsyncStub

LIMIT = 100_000


class WatchedDetector(WireDetector):
    """Notes the ids that calls came with."""

    def __init__(self) -> None:
        super().__init__(FakeDetector())
        self.heard: list[str | bytes | None] = []

    async def Detect(self, request: pb.DetectRequest, context: Context) -> pb.DetectResponse:  # noqa: N802 - named by the contract
        """Note, and answer."""
        self.heard.append(dict(context.invocation_metadata() or ()).get("x-request-id"))
        return await super().Detect(request, context)


async def test_the_detector_hears_of_it() -> None:
    """In the metadata, where there is one."""
    wire = WatchedDetector()
    async with serving(wire) as target, open_channel(target, LIMIT) as channel:
        detector = GrpcFaceDetector(channel, LIMIT)
        await detector.detect(JPEG, SHAPE, 5)
        bind_request_id("the-request")
        await detector.detect(JPEG, SHAPE, 5)
    assert wire.heard == [None, "the-request"]


def twin_entry(entries: list[EventDict]) -> EventDict:
    (entry,) = (entry for entry in entries if entry["event"] == "the twin answered")
    return entry


async def test_log_entries_of_a_rest_request_have_it(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    """The caller's, or the one that was made and told."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    for given in ("the-request", "no id at all"):
        with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
            answer = await client.post(
                f"/v1/analyze?model={PYTORCH}&allow_twin=true",
                content=JPEG,
                headers={"X-Request-Id": given},
            )
        assert answer.status_code == 200
        assert twin_entry(entries)["request_id"] == answer.headers["X-Request-Id"]
        assert (answer.headers["X-Request-Id"] == given) == (given == "the-request")


async def test_log_entries_of_a_grpc_call_have_it(
    gateway: FakeGateway, stub: "EmotionServiceAsyncStub"
) -> None:
    """As over REST."""
    gateway.torchserve.away = ModelServerUnavailableError("torchserve", PYTORCH)
    request = emotion_pb2.AnalyzeRequest(image=JPEG, model=PYTORCH, allow_twin=True)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        await stub.Analyze(request, metadata=grpc.aio.Metadata(("x-request-id", "the-call")))
    assert twin_entry(entries)["request_id"] == "the-call"
