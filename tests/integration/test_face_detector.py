"""The face-detector's gRPC server, called over a real connection."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import grpc
import numpy as np
import pytest
import structlog
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from mien.v1 import face_detector_pb2 as pb
from mien.v1 import face_detector_pb2_grpc as pb_grpc
from structlog.testing import capture_logs

from mien_detector.app import make_finder, make_server
from mien_detector.pool import WorkPool
from mien_detector.settings import Settings
from mien_detector.types import Box, Face, Image
from tests.fakes import pictures
from tests.fakes.detector import FakeDetector, draw_face

SERVICE = "mien.v1.FaceDetector"
PATIENCE_SECONDS = 5


class SlowDetector(FakeDetector):
    """Finds faces once it is allowed to."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.allowed = threading.Event()

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """Wait, then find."""
        self.started.release()
        assert self.allowed.wait(PATIENCE_SECONDS)
        return super().detect(image, minimum_score)

    async def wait_for_start(self) -> None:
        """Return once a picture has reached the detector."""
        assert await asyncio.to_thread(self.started.acquire, timeout=PATIENCE_SECONDS)


class BrokenDetector(FakeDetector):
    """Fails in a way nobody foresaw."""

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """Fail."""
        message = f"secret {image.shape} {minimum_score}"
        raise RuntimeError(message)


@dataclass
class Running:
    """A server and what a caller needs."""

    channel: grpc.aio.Channel
    stub: "pb_grpc.FaceDetectorAsyncStub"
    settings: Settings


@contextlib.asynccontextmanager
async def running(detector: FakeDetector, **changes: object) -> AsyncIterator[Running]:
    """Serve on a free port while the context lasts."""
    settings = Settings.model_validate(
        {"address": "127.0.0.1:0", "workers": 1, "queue": 0, **changes}
    )
    pool = WorkPool(workers=settings.workers, queue=settings.queue)
    server = make_server(settings, make_finder(settings, detector), pool)
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Running(channel, pb_grpc.FaceDetectorStub(channel), settings)
    await server.stop(0)
    pool.close()


@pytest.fixture
async def server() -> AsyncIterator[Running]:
    async with running(FakeDetector()) as server:
        yield server


@pytest.fixture
def slow() -> Iterator[SlowDetector]:
    detector = SlowDetector()
    yield detector
    detector.allowed.set()


def picture() -> bytes:
    image = np.zeros((480, 640, 3), np.uint8)
    draw_face(image, Box(200, 100, 160, 200))
    draw_face(image, Box(500, 300, 80, 100))
    return pictures.encode(image[:, :, ::-1].copy(), "PNG")


def reason(error: grpc.aio.AioRpcError) -> str:
    """Return the ErrorInfo's reason, or nothing where the status has no details."""
    metadata = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(metadata[rpc_status.GRPC_DETAILS_METADATA_KEY])
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        assert detail.Unpack(info)
        assert info.domain == "mien"
    return str(info.reason)


async def refusal(server: Running, request: pb.DetectRequest) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.stub.Detect(request, timeout=PATIENCE_SECONDS)
    return caught.value


async def test_faces_come_largest_first_with_crops(server: Running) -> None:
    """One call gives all there is to know about a picture."""
    shape = pb.CropShape(height=48, width=48, channels=1)
    answer = await server.stub.Detect(pb.DetectRequest(image=picture(), crop=shape))
    assert answer.image == pb.ImageSize(width=640, height=480)
    assert [round(face.box.width) for face in answer.faces] == [160, 80]
    assert [len(face.crop) for face in answer.faces] == [2304, 2304]
    assert answer.detector.name == "fake"
    assert answer.timings.detect_ms > 0


async def test_options_of_the_request_hold(server: Running) -> None:
    """Fewer faces, larger faces, surer faces."""
    requests = [
        pb.DetectRequest(image=picture(), maximum_faces=1),
        pb.DetectRequest(image=picture(), minimum_face_pixels=100),
    ]
    for request in requests:
        answer = await server.stub.Detect(request)
        assert [round(face.box.width) for face in answer.faces] == [160]
    sure = await server.stub.Detect(pb.DetectRequest(image=picture(), minimum_score=0.95))
    assert len(sure.faces) == 0


async def test_the_detector_introduces_itself(server: Running) -> None:
    """Its version is the one that answers carry, and the limits are told."""
    info = await server.stub.GetDetector(pb.GetDetectorRequest())
    answer = await server.stub.Detect(pb.DetectRequest(image=picture()))
    assert info.detector == answer.detector
    assert info.max_image_bytes == server.settings.max_image_bytes
    assert info.max_image_pixels == server.settings.max_image_pixels


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (b"", "IMAGE_FAULT_EMPTY"),
        (b"a line of text", "IMAGE_FAULT_UNSUPPORTED_FORMAT"),
        (pictures.encode(pictures.gradient(90, 90), "JPEG")[:900], "IMAGE_FAULT_UNREADABLE"),
        (bytes(10_000_001), "IMAGE_FAULT_TOO_MANY_BYTES"),
        (pictures.png_claiming(50_000, 50_000), "IMAGE_FAULT_TOO_MANY_PIXELS"),
    ],
    ids=["empty", "text", "truncated", "too many bytes", "too many pixels"],
)
async def test_a_bad_picture_is_refused_with_its_fault(
    server: Running, image: bytes, expected: str
) -> None:
    """The reason is the name of an ImageFault, and the server goes on."""
    error = await refusal(server, pb.DetectRequest(image=image))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason(error) == expected
    assert len((await server.stub.Detect(pb.DetectRequest(image=picture()))).faces) == 2


async def test_a_single_pixel_has_no_face(server: Running) -> None:
    """It is a picture like any other."""
    image = pictures.encode(pictures.gradient(1, 1), "PNG")
    assert len((await server.stub.Detect(pb.DetectRequest(image=image))).faces) == 0


async def test_a_message_beyond_every_limit_is_refused(server: Running) -> None:
    """The transport itself stops what is far larger than the largest picture."""
    error = await refusal(server, pb.DetectRequest(image=bytes(30_000_000)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_an_impossible_shape_is_refused_without_a_fault_of_the_picture(
    server: Running,
) -> None:
    """The picture is not to blame."""
    shape = pb.CropShape(height=48, width=48, channels=2)
    error = await refusal(server, pb.DetectRequest(image=picture(), crop=shape))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "crop.channels is 2" in (error.details() or "")
    assert reason(error) == ""


async def test_what_nobody_foresaw_is_internal_and_tells_nothing() -> None:
    """The text of a foreign error stays in the log."""
    async with running(BrokenDetector()) as server:
        error = await refusal(server, pb.DetectRequest(image=picture()))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in (error.details() or "")


@pytest.mark.parametrize(("given", "logged"), [("the-request", True), ("no id at all", False)])
async def test_log_entries_have_the_callers_request_id(given: str, logged: bool) -> None:
    """Where it is short and plain, so that it can be found in the gateway's log too."""
    async with running(BrokenDetector()) as server:
        with (
            capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries,
            pytest.raises(grpc.aio.AioRpcError),
        ):
            await server.stub.Detect(
                pb.DetectRequest(image=picture()), metadata=(("x-request-id", given),)
            )
    (entry,) = (entry for entry in entries if entry["event"] == "a request failed")
    assert entry.get("request_id") == (given if logged else None)


async def test_overload_is_refused_at_once_and_probes_go_on(slow: SlowDetector) -> None:
    """Who finds no room is told so; health still answers."""
    async with running(slow) as server:
        first = asyncio.ensure_future(server.stub.Detect(pb.DetectRequest(image=picture())))
        await slow.wait_for_start()
        error = await refusal(server, pb.DetectRequest(image=picture()))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        health = health_pb2_grpc.HealthStub(server.channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=1)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        slow.allowed.set()
        assert len((await first).faces) == 2


async def test_work_whose_caller_has_gone_is_dropped(slow: SlowDetector) -> None:
    """A call that ends by its deadline while it waits never reaches the detector."""
    async with running(slow, queue=1) as server:
        first = asyncio.ensure_future(server.stub.Detect(pb.DetectRequest(image=picture())))
        await slow.wait_for_start()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await server.stub.Detect(pb.DetectRequest(image=picture()), timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        slow.allowed.set()
        await first
        await server.stub.Detect(pb.DetectRequest(image=picture()))
        await slow.wait_for_start()
        assert not slow.started.acquire(blocking=False)


async def test_a_request_without_a_deadline_gets_one(slow: SlowDetector) -> None:
    """Nobody waits for ever."""
    async with running(slow, request_timeout_seconds=0.1) as server:
        error = await refusal(server, pb.DetectRequest(image=picture()))
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "0.1 s" in (error.details() or "")


@pytest.mark.parametrize("name", ["", SERVICE])
async def test_health_is_reported(server: Running, name: str) -> None:
    """For the server and for the service."""
    health = health_pb2_grpc.HealthStub(server.channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_lists_the_service(server: Running) -> None:
    """Tools like grpcurl need no proto files."""
    stub = reflection_pb2_grpc.ServerReflectionStub(server.channel)
    call = stub.ServerReflectionInfo(
        iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    )
    answers = [answer async for answer in call]
    names = {service.name for service in answers[0].list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names
