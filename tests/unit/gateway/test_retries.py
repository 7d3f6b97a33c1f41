"""What is asked for again, and how often: over real gRPC."""

from contextlib import AsyncExitStack
from time import perf_counter

import grpc
import pytest

from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.face_detector import GrpcFaceDetector
from mien_gateway.clients.tensorflow_serving import TensorFlowServing
from mien_gateway.errors import (
    DeadlineExceededError,
    DetectorUnavailableError,
    UnreadableImageError,
)
from tests.fakes.gateway import (
    JPEG,
    SHAPE,
    TENSORFLOW,
    FakeBackend,
    FakeDetector,
    crop_of,
    registry,
)
from tests.fakes.gateway_wire import Context, WireDetector, WireTensorFlow, serving

LIMIT = 1_000_000


class Failing(WireDetector):
    """Fails as often as it is told to before it answers."""

    def __init__(self, failures: float) -> None:
        super().__init__(FakeDetector())
        self.failures = failures
        self.calls = 0

    async def Detect(self, request, context: Context):  # type: ignore[no-untyped-def] # noqa: N802, ANN001, ANN201 - as the base has it
        """Fail, or answer."""
        self.calls += 1
        if self.calls <= self.failures:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return await super().Detect(request, context)


async def test_a_call_that_was_lost_is_asked_again() -> None:
    """The caller does not notice, however large the picture is."""
    for image in (JPEG, JPEG + bytes(900_000)):
        part = Failing(failures=2)
        async with serving(part) as target, open_channel(target, LIMIT) as channel:
            found = await GrpcFaceDetector(channel, LIMIT).detect(image, SHAPE, 5)
        assert len(found.faces) == 1
        assert part.calls == 3


async def test_a_broken_part_is_not_buried_under_retries() -> None:
    """While most calls fail, there are hardly more calls than callers."""
    part = Failing(failures=float("inf"))
    async with serving(part) as target, open_channel(target, LIMIT) as channel:
        detector = GrpcFaceDetector(channel, LIMIT)
        for _ in range(200):
            with pytest.raises(DetectorUnavailableError):
                await detector.detect(JPEG, SHAPE, 5)
    assert part.calls <= 1.1 * 200


async def test_what_the_caller_did_wrong_is_asked_once() -> None:
    """It would be wrong again."""
    part = Failing(failures=0)
    part.detector.outcomes[JPEG] = UnreadableImageError()
    async with serving(part) as target, open_channel(target, LIMIT) as channel:
        with pytest.raises(UnreadableImageError):
            await GrpcFaceDetector(channel, LIMIT).detect(JPEG, SHAPE, 5)
    assert part.calls == 1


async def test_retries_end_with_the_deadline() -> None:
    """Which spans all attempts."""
    part = Failing(failures=2)
    part.detector.delay_seconds = 10
    async with serving(part) as target, open_channel(target, LIMIT) as channel:
        started = perf_counter()
        with pytest.raises(DeadlineExceededError):
            await GrpcFaceDetector(channel, LIMIT).detect(JPEG, SHAPE, 0.3)
    assert perf_counter() - started < 1


async def test_one_of_two_servers_dies_and_nobody_notices() -> None:
    """Calls are spread over both addresses, and what one loses the other answers."""
    model = registry().find(TENSORFLOW)
    assert model
    backends = [FakeBackend("tensorflow-serving") for _ in range(2)]
    async with AsyncExitStack() as stack:
        one = AsyncExitStack()
        first = await one.enter_async_context(serving(WireTensorFlow(backends[0])))
        second = await stack.enter_async_context(serving(WireTensorFlow(backends[1])))
        channel = await stack.enter_async_context(open_channel(f"ipv4:{first},{second}", LIMIT))
        client = TensorFlowServing(channel)
        for number in range(60):
            if number == 30:
                await one.aclose()
            (answer,) = await client.predict(model, [crop_of(b"%d" % number)], 5)
            assert answer.probabilities
    assert len(backends[0].calls) > 5
    assert len(backends[0].calls) + len(backends[1].calls) == 60
