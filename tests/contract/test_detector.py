"""What the gateway's pipeline may rely on, of any face detector.

The fake one, the real client over a real gRPC server, and the real service.
"""

import asyncio
import math
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest

from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.face_detector import FaceDetector, GrpcFaceDetector
from mien_gateway.errors import (
    BadDetectorAnswerError,
    CallerError,
    DeadlineExceededError,
    DetectorUnavailableError,
    EmptyImageError,
    GatewayError,
    ImageTooLargeError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedMediaTypeError,
)
from mien_models import InputShape
from mien_stack.sample_photo import sample_photo
from tests.fakes.gateway import SHAPE, FakeDetector
from tests.fakes.gateway_wire import WireDetector, serving

MAX_IMAGE_BYTES = 200_000
START_SECONDS = 30
KINDS = ("fake", "wire", "service")

PHOTO = sample_photo()
NO_FACE = bytes.fromhex(  # one grey pixel, as PNG
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
TEXT = b"hello, I am text"
TRUNCATED = PHOTO[: len(PHOTO) // 2]
HUGE = NO_FACE[:16] + (50_000).to_bytes(4) * 2 + NO_FACE[24:]
TOO_LONG = PHOTO + bytes(MAX_IMAGE_BYTES + 1 - len(PHOTO))
FAULTS: dict[bytes, CallerError] = {
    b"": EmptyImageError(),
    TEXT: UnsupportedMediaTypeError(),
    TRUNCATED: UnreadableImageError(),
    HUGE: TooManyPixelsError(),
    TOO_LONG: ImageTooLargeError(MAX_IMAGE_BYTES),
}


def scripted() -> FakeDetector:
    """A fake that knows the pictures used here."""
    fake = FakeDetector()
    fake.outcomes |= {NO_FACE: (), **FAULTS}
    return fake


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The real service, as a process; yields its target."""
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        target = f"127.0.0.1:{held.getsockname()[1]}"
    environment = os.environ | {
        "MIEN_DETECTOR_ADDRESS": target,
        "MIEN_DETECTOR_DETECTOR": "libfacedetection",  # the one that needs no file
        "MIEN_MAX_IMAGE_BYTES": str(MAX_IMAGE_BYTES),
    }
    with subprocess.Popen([sys.executable, "-m", "mien_detector"], env=environment) as process:
        yield target
        process.terminate()


@pytest.fixture(params=KINDS)
async def detector(request: pytest.FixtureRequest) -> AsyncIterator[FaceDetector]:
    """Each in turn."""
    if request.param == "fake":
        yield scripted()
    elif request.param == "wire":
        wire = WireDetector(scripted())
        async with serving(wire) as target, open_channel(target, MAX_IMAGE_BYTES) as channel:
            yield GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
    else:
        target = request.getfixturevalue("service")
        async with open_channel(target, MAX_IMAGE_BYTES) as channel:
            detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
            await until_it_answers(detector)
            yield detector


async def until_it_answers(detector: FaceDetector) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                await detector.probe(1)
            except GatewayError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.parametrize(
    "shape", [SHAPE, InputShape(height=64, width=56, channels=3)], ids=["grey", "colour"]
)
async def test_a_face_comes_with_a_crop_of_the_shape_asked_for(
    detector: FaceDetector, shape: InputShape
) -> None:
    """Its box lies in the picture, its landmarks in their places, its score in 0 to 1."""
    detection = await detector.detect(PHOTO, shape, 10)
    (face,) = detection.faces
    assert len(face.crop) == shape.size_bytes
    assert 0 <= face.box.x < face.box.x + face.box.width <= detection.image.width
    assert 0 <= face.box.y < face.box.y + face.box.height <= detection.image.height
    assert face.landmarks.left_eye.x < face.landmarks.nose.x < face.landmarks.right_eye.x
    assert face.landmarks.nose.y < face.landmarks.left_mouth.y
    assert 0 < face.score <= 1


async def test_no_face_is_an_answer(detector: FaceDetector) -> None:
    """Even a picture of one pixel has one."""
    assert (await detector.detect(NO_FACE, SHAPE, 10)).faces == ()


@pytest.mark.parametrize(
    "image", FAULTS, ids=["empty", "text", "truncated", "50,000 x 50,000", "too long"]
)
async def test_what_cannot_be_read_is_the_callers_fault(
    detector: FaceDetector, image: bytes
) -> None:
    """Each kind by its own error."""
    with pytest.raises(type(FAULTS[image])):
        await detector.detect(image, SHAPE, 10)


async def test_the_answer_says_who_detected(detector: FaceDetector) -> None:
    """The same as when it is asked, so that answers are found in the cache again."""
    asked = await detector.probe(5)
    detection = await detector.detect(PHOTO, SHAPE, 10)
    assert detection.detector == asked == await detector.identity(5)
    assert asked.name
    assert asked.version


async def test_one_that_is_away_is_unavailable_at_once() -> None:
    """Not only at the deadline; and nothing is known of it."""
    async with open_channel("127.0.0.1:1", MAX_IMAGE_BYTES) as channel:
        detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
        for call in (detector.detect(PHOTO, SHAPE, 30), detector.identity(30)):
            with pytest.raises(DetectorUnavailableError):
                await call


async def test_who_detects_stays_known_while_it_is_away() -> None:
    """So that cached answers are still found; a new version is noticed by the next answer."""
    fake = scripted()
    async with serving(WireDetector(fake)) as target, open_channel(target, 10**6) as channel:
        detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
        await detector.identity(5)
        fake.version = "2"
        assert (await detector.identity(5)).version == "1"
        await detector.detect(PHOTO, SHAPE, 5)
        assert (await detector.identity(5)).version == "2"
    async with serving(WireDetector(fake)) as target:
        channel = open_channel(target, 10**6)
        detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
        await detector.probe(5)
    assert (await detector.identity(5)).version == "2"
    with pytest.raises(DetectorUnavailableError):
        await detector.probe(5)
    await channel.close()


async def test_the_time_given_is_the_calls_deadline() -> None:
    """The service sees it, and the wait ends with it."""
    fake = scripted()
    wire = WireDetector(fake)
    async with serving(wire) as target, open_channel(target, 10**6) as channel:
        detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
        fake.delay_seconds = 5
        with pytest.raises(DeadlineExceededError, match="detector"):
            await detector.detect(PHOTO, SHAPE, 0.2)
    (remaining,) = wire.remaining
    assert remaining
    assert remaining <= 0.25  # gRPC rounds up


async def test_an_answer_that_cannot_be_used_is_a_bad_one() -> None:
    """A crop of another size than asked for, no number, or a detector without a version."""
    fake = scripted()
    wire = WireDetector(fake)
    async with serving(wire) as target, open_channel(target, 10**6) as channel:
        detector = GrpcFaceDetector(channel, MAX_IMAGE_BYTES)
        wire.missing_bytes = 1
        with pytest.raises(BadDetectorAnswerError):
            await detector.detect(PHOTO, SHAPE, 5)
        wire.missing_bytes = 0
        fake.score = math.nan
        with pytest.raises(BadDetectorAnswerError):
            await detector.detect(PHOTO, SHAPE, 5)
        fake.version = ""
        with pytest.raises(BadDetectorAnswerError):
            await detector.probe(5)
