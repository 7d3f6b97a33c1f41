"""mien.v1.EmotionService, through a real server on a free port."""

import asyncio
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from mien.v1 import emotion_pb2 as pb

from mien_gateway import errors
from mien_gateway.grpc.health import HealthServicer
from mien_gateway.grpc.server import SERVICE, GrpcServer
from tests.fakes.gateway import JPEG, LABELS, NO_FACE, PYTORCH, TENSORFLOW, FakeGateway

if TYPE_CHECKING:  # the stubs alone know this name
    from mien.v1.emotion_pb2_grpc import EmotionServiceAsyncStub

LIMIT = FakeGateway().max_image_bytes


async def failure(
    stub: "EmotionServiceAsyncStub", request: pb.AnalyzeRequest, timeout_seconds: float = 5
) -> grpc.aio.AioRpcError:
    """Call, and return the error it must end with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Analyze(request, timeout=timeout_seconds)
    return caught.value


def details_of(error: grpc.aio.AioRpcError) -> tuple[error_details_pb2.ErrorInfo, bool]:
    """The ErrorInfo, and whether there is a RetryInfo."""
    status = rpc_status.from_call(error)
    assert status
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    retry = any(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for detail in status.details[1:])
    return info, retry


async def test_a_picture_gives_its_expressions(stub: "EmotionServiceAsyncStub") -> None:
    """All fields of the answer are set."""
    response = await stub.Analyze(pb.AnalyzeRequest(image=JPEG, model=TENSORFLOW))
    (face,) = response.faces
    assert [expression.label for expression in face.expressions] == list(LABELS)
    assert sum(expression.probability for expression in face.expressions) == pytest.approx(1)
    assert face.top == max(face.expressions, key=lambda expression: expression.probability)
    assert (face.box.width, face.landmarks.nose.x) == (90, 50)
    assert response.model == pb.ModelRef(name=TENSORFLOW, version=3, framework="tensorflow")
    assert (response.detector.name, response.image.width) == ("fake", 640)
    assert response.served_by == "tensorflow-serving"
    assert response.cache == pb.CACHE_STATUS_MISS
    assert response.timings.total_ms > 0
    assert len(response.request_id) == 32


async def test_cache_and_no_store(stub: "EmotionServiceAsyncStub") -> None:
    """Miss, hit, bypass."""
    states = [
        (await stub.Analyze(pb.AnalyzeRequest(image=JPEG, no_store=no_store))).cache
        for no_store in (False, False, True)
    ]
    assert states == [pb.CACHE_STATUS_MISS, pb.CACHE_STATUS_HIT, pb.CACHE_STATUS_BYPASS]


async def test_no_face_is_an_answer(stub: "EmotionServiceAsyncStub") -> None:
    """An empty list, no error."""
    response = await stub.Analyze(pb.AnalyzeRequest(image=NO_FACE))
    assert len(response.faces) == 0


async def test_the_callers_request_id_comes_back(stub: "EmotionServiceAsyncStub") -> None:
    """In the answer and in the trailing metadata."""
    call = stub.Analyze(pb.AnalyzeRequest(image=JPEG), metadata=(("x-request-id", "mine-1"),))
    assert (await call).request_id == "mine-1"
    assert dict(await call.trailing_metadata())["x-request-id"] == "mine-1"


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        (pb.AnalyzeRequest(), grpc.StatusCode.INVALID_ARGUMENT, "empty_image"),
        (
            pb.AnalyzeRequest(image=b"text"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "unsupported_media_type",
        ),
        (
            pb.AnalyzeRequest(image=JPEG + bytes(LIMIT)),
            grpc.StatusCode.INVALID_ARGUMENT,
            "image_too_large",
        ),
        (
            pb.AnalyzeRequest(image=JPEG, model="none"),
            grpc.StatusCode.NOT_FOUND,
            "unknown_model",
        ),
    ],
    ids=["empty", "text", "too large", "unknown model"],
)
async def test_bad_input(
    stub: "EmotionServiceAsyncStub",
    request_: pb.AnalyzeRequest,
    code: grpc.StatusCode,
    reason: str,
) -> None:
    """The status is rich: our domain, REST's code as the reason, the request's id."""
    error = await failure(stub, request_)
    info, retry = details_of(error)
    assert (error.code(), info.domain, info.reason, retry) == (code, "mien", reason, False)
    assert dict(error.trailing_metadata())["x-request-id"] == info.metadata["request_id"]


async def test_a_message_far_over_the_limit_does_not_get_in(
    stub: "EmotionServiceAsyncStub",
) -> None:
    """GRPC itself refuses it, and the next caller is answered."""
    error = await failure(stub, pb.AnalyzeRequest(image=JPEG + bytes(10 * LIMIT)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await stub.Analyze(pb.AnalyzeRequest(image=JPEG))).faces


@pytest.mark.parametrize(
    ("error", "code", "retry"),
    [
        (errors.UnreadableImageError(), grpc.StatusCode.INVALID_ARGUMENT, False),
        (errors.TooManyPixelsError(), grpc.StatusCode.INVALID_ARGUMENT, False),
        (errors.DetectorUnavailableError(), grpc.StatusCode.UNAVAILABLE, True),
        (
            errors.ModelServerUnavailableError("torchserve", PYTORCH),
            grpc.StatusCode.UNAVAILABLE,
            True,
        ),
        (errors.OverloadedError(), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (errors.BadModelAnswerError("torchserve", "secret"), grpc.StatusCode.INTERNAL, False),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
async def test_what_goes_wrong_behind(
    stub: "EmotionServiceAsyncStub",
    gateway: FakeGateway,
    error: errors.GatewayError,
    code: grpc.StatusCode,
    retry: bool,
) -> None:
    """The reason names it, RetryInfo says where waiting helps, internals stay here."""
    gateway.detector.away = error
    seen = await failure(stub, pb.AnalyzeRequest(image=JPEG))
    info, retry_info = details_of(seen)
    assert (seen.code(), info.reason, retry_info) == (code, error.code, retry)
    assert "secret" not in (seen.details() or "")


async def test_what_nobody_foresaw(stub: "EmotionServiceAsyncStub", gateway: FakeGateway) -> None:
    """A fault of ours says nothing of its cause."""
    gateway.detector.away = RuntimeError("secret internals")  # type: ignore[assignment] # on purpose
    error = await failure(stub, pb.AnalyzeRequest(image=JPEG))
    info, _ = details_of(error)
    assert (error.code(), info.reason) == (grpc.StatusCode.INTERNAL, "internal_error")
    assert "secret" not in (error.details() or "")


async def test_the_callers_deadline_is_the_budget(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """It shrinks on the way; without one, the gateway's own holds."""
    await stub.Analyze(pb.AnalyzeRequest(image=JPEG, no_store=True), timeout=0.5)
    await stub.Analyze(pb.AnalyzeRequest(image=JPEG, no_store=True))
    with_deadline, without = gateway.detector.budgets
    assert with_deadline < 0.55  # gRPC rounds up
    assert 4 < without <= gateway.request_timeout_seconds


async def test_a_deadline_ends_the_work(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """The caller has his answer in time, and nothing goes on behind his back."""
    gateway.detector.delay_seconds = 5
    error = await failure(stub, pb.AnalyzeRequest(image=JPEG), timeout_seconds=0.1)
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.sleep(0.1)
    assert gateway.analyzer.in_flight == 0


async def test_a_caller_who_cancels_stops_the_work(
    stub: "EmotionServiceAsyncStub", gateway: FakeGateway
) -> None:
    """The detector's call is cancelled too."""
    gateway.detector.delay_seconds = 5
    call = stub.Analyze(pb.AnalyzeRequest(image=JPEG))
    await asyncio.wait_for(gateway.detector.called.wait(), 5)
    call.cancel()
    await asyncio.wait_for(gateway.detector.left.wait(), 5)
    await asyncio.sleep(0.01)
    assert gateway.detector.cancelled == 1
    assert gateway.analyzer.in_flight == 0


async def test_every_model_is_listed(stub: "EmotionServiceAsyncStub") -> None:
    """As the registry has it, the default marked."""
    first, second = (await stub.ListModels(pb.ListModelsRequest())).models
    assert (first.name, first.default, second.name, second.default) == (
        PYTORCH,
        True,
        TENSORFLOW,
        False,
    )
    assert (first.version, first.architecture, first.dataset) == (3, "squeezenet", "fer2013")
    assert list(first.labels) == list(LABELS)
    assert (first.input.height, first.input.width, first.input.channels) == (48, 48, 1)
    assert first.metrics == {"public_test_accuracy": 0.625}


async def test_health_tells_the_process_from_the_service(
    server: GrpcServer, channel: grpc.aio.Channel
) -> None:
    """The process lives from the start; the service serves when it is ready."""
    health = health_pb2_grpc.HealthStub(channel)
    status = health_pb2.HealthCheckResponse

    async def check(service: str) -> int:
        response = await health.Check(health_pb2.HealthCheckRequest(service=service))
        return int(response.status)

    assert (await check(""), await check(SERVICE)) == (status.SERVING, status.NOT_SERVING)
    await server.set_ready(ready=True)
    assert await check(SERVICE) == status.SERVING
    listed = (await health.List(health_pb2.HealthListRequest())).statuses
    assert {name: one.status for name, one in listed.items()} == {
        "": status.SERVING,
        SERVICE: status.SERVING,
    }
    await server.set_ready(ready=False)
    assert await check(SERVICE) == status.NOT_SERVING


async def test_a_watcher_who_does_not_read_holds_nobody_up() -> None:
    """Neither another watcher nor who sets the status."""
    status = health_pb2.HealthCheckResponse
    servicer, told = HealthServicer(), asyncio.Queue[int]()

    class Context:
        """Writes into a queue, or never ends to."""

        def __init__(self, *, reads: bool) -> None:
            self.reads = reads

        async def write(self, response: health_pb2.HealthCheckResponse) -> None:
            if not self.reads:
                await asyncio.sleep(60)
            told.put_nowait(response.status)

    asked = health_pb2.HealthCheckRequest(service=SERVICE)
    watchers = [
        asyncio.create_task(servicer.Watch(asked, Context(reads=reads)))  # type: ignore[arg-type]
        for reads in (False, True)
    ]
    assert await asyncio.wait_for(told.get(), 5) == status.SERVICE_UNKNOWN
    servicer.set(SERVICE, status.SERVING)
    assert await asyncio.wait_for(told.get(), 5) == status.SERVING
    servicer.stop()
    assert await asyncio.wait_for(told.get(), 5) == status.NOT_SERVING
    for watcher in watchers:
        watcher.cancel()


async def test_reflection_names_the_services(channel: grpc.aio.Channel) -> None:
    """So that grpcurl needs no files."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    call = stub.ServerReflectionInfo(iter((asked,)))
    response = await call.read()
    names = {service.name for service in response.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names


async def test_a_port_in_use_is_not_shared(gateway: FakeGateway, server: GrpcServer) -> None:
    """A second server does not quietly take half of the calls."""
    with pytest.raises(RuntimeError):
        GrpcServer(gateway.core, f"127.0.0.1:{server.port}")
