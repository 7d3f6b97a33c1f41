"""What the gateway's pipeline may rely on, of any model server.

The fake one, and the two real clients over real gRPC servers that speak the servers' wire.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import grpc
import grpc.aio
import httpx
import pytest

from mien_gateway.clients.channel import open_channel
from mien_gateway.clients.model_server import Backend
from mien_gateway.clients.tensorflow_serving import TensorFlowServing
from mien_gateway.clients.torchserve import TorchServe
from mien_gateway.errors import (
    BadModelAnswerError,
    DeadlineExceededError,
    GatewayError,
    ModelServerUnavailableError,
    OverloadedError,
)
from mien_models import ServedModel
from tests.fakes.gateway import (
    LABELS,
    PYTORCH,
    TENSORFLOW,
    FakeBackend,
    crop_of,
    probabilities_of,
    registry,
)
from tests.fakes.gateway_wire import (
    WireTensorFlow,
    WireTorchServe,
    serving,
    serving_explanations,
)

MAX_IMAGE_BYTES = 1_000_000
CROPS = [crop_of(b"%d" % number) for number in range(20)]


@dataclass
class Server:
    """A model server as the gateway sees it, and the fake that decides what it does."""

    backend: Backend
    fake: FakeBackend
    model: ServedModel


def served(name: str) -> ServedModel:
    model = registry().find(name)
    assert model
    return model


WIRED = ("torchserve", "tensorflow", "tensorflow, other form")


@pytest.fixture(params=["fake", *WIRED])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    """Each in turn."""
    kind: str = request.param
    if kind == "fake":
        fake = FakeBackend("torchserve")
        yield Server(fake, fake, served(PYTORCH))
        return
    fake = FakeBackend("torchserve" if kind == "torchserve" else "tensorflow-serving")
    part = WireTorchServe(fake) if kind == "torchserve" else WireTensorFlow(fake)
    if isinstance(part, WireTensorFlow):
        part.as_float_val = kind.endswith("other form")
    async with serving(part) as target, open_channel(target, MAX_IMAGE_BYTES) as channel:
        if kind == "torchserve":
            async with (
                serving_explanations(fake) as rest,
                httpx.AsyncClient(base_url=rest) as client,
            ):
                yield Server(TorchServe(channel, client), fake, served(PYTORCH))
        else:
            yield Server(TensorFlowServing(channel), fake, served(TENSORFLOW))


@pytest.mark.parametrize("faces", [1, 2, 20])
async def test_there_is_a_prediction_per_face_in_order(server: Server, faces: int) -> None:
    """Each is a distribution over the model's labels, and depends on its face alone."""
    predictions = await server.backend.predict(server.model, CROPS[:faces], 5)
    assert [prediction.probabilities for prediction in predictions] == [
        probabilities_of(crop, len(LABELS)) for crop in CROPS[:faces]
    ]


async def test_all_faces_go_in_one_message(server: Server) -> None:
    """So that the server can batch them."""
    await server.backend.predict(server.model, CROPS, 5)
    assert [faces for _, faces, _ in server.fake.calls] == [tuple(CROPS)]


async def test_a_prediction_says_who_computed_it(server: Server) -> None:
    """By the server's own name."""
    (prediction,) = await server.backend.predict(server.model, CROPS[:1], 5)
    assert prediction.served_by == server.backend.name == server.fake.name


async def test_one_that_is_away_is_named(server: Server) -> None:
    """The caller reads which server it is."""
    server.fake.away = ModelServerUnavailableError(server.fake.name, server.model.name)
    with pytest.raises(ModelServerUnavailableError, match=server.backend.name):
        await server.backend.predict(server.model, CROPS[:1], 5)


async def test_one_that_is_too_slow_is_given_up(server: Server) -> None:
    """At the time given."""
    server.fake.delay_seconds = 2
    with pytest.raises(DeadlineExceededError, match=server.backend.name):
        await server.backend.predict(server.model, CROPS[:1], 0.1)


async def test_it_says_whether_it_is_ready(server: Server) -> None:
    """And raises nothing when it is not."""
    assert await server.backend.ready(server.model, 1)
    server.fake.away = ModelServerUnavailableError("", "")
    assert not await server.backend.ready(server.model, 1)


def connected(
    kind: type[TorchServe | TensorFlowServing], channel: grpc.aio.Channel
) -> TorchServe | TensorFlowServing:
    """The client over a channel; what TorchServe has over REST is nowhere."""
    nowhere = httpx.AsyncClient(base_url="http://127.0.0.1:1")
    return TorchServe(channel, nowhere) if kind is TorchServe else TensorFlowServing(channel)


@pytest.mark.parametrize("kind", [TorchServe, TensorFlowServing])
async def test_where_nobody_listens_it_is_unavailable(
    kind: type[TorchServe | TensorFlowServing],
) -> None:
    """At once, not at the deadline."""
    model = served(PYTORCH)
    async with open_channel("127.0.0.1:1", MAX_IMAGE_BYTES) as channel:
        backend = connected(kind, channel)
        with pytest.raises(ModelServerUnavailableError):
            await backend.predict(model, CROPS[:1], 30)
        assert not await backend.ready(model, 30)


async def became_ready(backend: Backend, model: ServedModel) -> bool:
    """Ask for up to three seconds."""
    for _ in range(60):
        if await backend.ready(model, 1):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("kind", [TorchServe, TensorFlowServing])
async def test_a_server_that_was_restarted_is_found_again(
    kind: type[TorchServe | TensorFlowServing],
) -> None:
    """Soon, by the channel itself."""
    fake, model = FakeBackend("server"), served(PYTORCH)
    part = WireTorchServe(fake) if kind is TorchServe else WireTensorFlow(fake)
    async with serving(part) as target:
        port = int(target.rpartition(":")[2])
    async with open_channel(target, MAX_IMAGE_BYTES) as channel:
        backend = connected(kind, channel)
        for _ in range(3):
            assert not await backend.ready(model, 1)
        async with serving(part, port=port):
            assert await became_ready(backend, model)


NO_WORKER = (
    'Model "fer2013-squeezenet-pytorch" Version 3 has no worker to serve inference request. '
    "Please use scale workers API to add workers. If this is a sequence inference, please "
    "check if it is closed, or expired; or exceeds maxSequenceJobQueueSize"
)
FULL_QUEUE = (
    "The batch scheduling queue to which this task was submitted is full; currently 4 batches "
    "enqueued and max_enqueued_batches is 4"
)


@pytest.mark.parametrize(
    ("server", "refusal"),
    [
        ("torchserve", (grpc.StatusCode.INTERNAL, NO_WORKER)),
        ("tensorflow", (grpc.StatusCode.UNAVAILABLE, FULL_QUEUE)),
    ],
    indirect=["server"],
)
async def test_a_full_queue_is_busy_and_is_not_asked_again(
    server: Server, refusal: tuple[grpc.StatusCode, str]
) -> None:
    """Neither by the client nor by its channel: more calls would keep it full."""
    server.fake.refusal = refusal
    with pytest.raises(OverloadedError, match=server.backend.name):
        await server.backend.predict(server.model, CROPS[:1], 5)
    with pytest.raises(OverloadedError, match=server.backend.name):
        await server.backend.explain(server.model, CROPS[:1], [-1], 5)
    assert server.fake.refused == 2


@pytest.mark.parametrize(
    ("server", "refusal", "error", "calls"),
    [
        ("torchserve", (grpc.StatusCode.INTERNAL, "Worker died."), ModelServerUnavailableError, 1),
        ("torchserve", (grpc.StatusCode.RESOURCE_EXHAUSTED, "full"), OverloadedError, 1),
        ("tensorflow", (grpc.StatusCode.RESOURCE_EXHAUSTED, "full"), OverloadedError, 1),
        ("tensorflow", (grpc.StatusCode.UNAVAILABLE, "lost"), ModelServerUnavailableError, 3),
    ],
    indirect=["server"],
)
async def test_other_refusals(
    server: Server,
    refusal: tuple[grpc.StatusCode, str],
    error: type[GatewayError],
    calls: int,
) -> None:
    """A call that was lost is asked again, three times in all."""
    server.fake.refusal = refusal
    with pytest.raises(error):
        await server.backend.predict(server.model, CROPS[:1], 5)
    assert server.fake.refused == calls


@pytest.mark.parametrize("server", WIRED, indirect=True)
async def test_an_answer_for_another_number_of_labels_is_a_bad_one(server: Server) -> None:
    """Were the server's model not the registry's, no label would be right."""
    other = replace(server.model.model, labels=LABELS[:-1])
    with pytest.raises(BadModelAnswerError):
        await server.backend.predict(replace(server.model, model=other), CROPS[:1], 5)


async def test_there_is_an_explanation_per_face_and_class(server: Server) -> None:
    """A map of the crop's size, and the same probabilities as a prediction has."""
    explained = await server.backend.explain(server.model, CROPS[:3], [2, -1, 4], 5)
    predicted = await server.backend.predict(server.model, CROPS[:3], 5)
    assert [one.probabilities for one in explained] == [one.probabilities for one in predicted]
    shape = server.model.model.input
    for one, wanted in zip(explained, (2, None, 4), strict=True):
        assert len(one.heat) == shape.height * shape.width
        column = one.probabilities.index(max(one.probabilities)) if wanted is None else wanted
        assert one.heat[: shape.width].index(1.0) == column


async def test_a_server_that_is_away_explains_nothing(server: Server) -> None:
    """As it predicts nothing."""
    server.fake.away = ModelServerUnavailableError("server", "model")
    with pytest.raises(ModelServerUnavailableError):
        await server.backend.explain(server.model, CROPS[:1], [-1], 5)


async def test_an_explanation_that_drips_ends_at_its_deadline() -> None:
    """However often a byte comes: the time is one for the whole of the answer."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()
        left.set()

    left = asyncio.Event()
    async with (
        await asyncio.start_server(drip, "127.0.0.1", 0) as listener,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        ) as rest,
        open_channel("127.0.0.1:1", MAX_IMAGE_BYTES) as channel,
    ):
        async with asyncio.timeout(10):
            with pytest.raises(DeadlineExceededError, match="torchserve"):
                await TorchServe(channel, rest).explain(served(PYTORCH), CROPS[:1], [-1], 0.2)
            await left.wait()


async def test_a_version_is_served_or_not(server: Server) -> None:
    """Another one than the server has is not taken for it."""
    assert await server.backend.serves(server.model, 5)
    server.fake.lacks.add((server.model.name, server.model.model.version))
    assert not await server.backend.serves(server.model, 5)
    server.fake.lacks.clear()
    server.fake.away = ModelServerUnavailableError("server", "model")
    assert not await server.backend.serves(server.model, 5)
