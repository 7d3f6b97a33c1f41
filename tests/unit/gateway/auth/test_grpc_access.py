"""The door before gRPC, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from mien.v1 import emotion_pb2 as pb
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_gateway.auth.rates import parse_rate
from mien_gateway.grpc.interceptors import AccessInterceptor, current_caller
from mien_gateway.grpc.server import GrpcServer
from tests.fakes.access import ALICE, ALICE_NEW, BOB, keys
from tests.fakes.gateway import JPEG, FakeGateway

Context = grpc.aio.ServicerContext[Any, Any]
Metadata = tuple[tuple[str, str], ...]


@asynccontextmanager
async def channel_to(gateway: FakeGateway) -> AsyncIterator[grpc.aio.Channel]:
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel
    await server.stop(0)
    await gateway.analyzer.settle()


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    """To a gateway that wants keys."""
    async with channel_to(FakeGateway(keys=keys("2/day"))) as channel:
        yield channel


async def failure(channel: grpc.aio.Channel, metadata: Metadata = ()) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await EmotionServiceStub(channel).Analyze(pb.AnalyzeRequest(image=JPEG), metadata=metadata)
    return caught.value


def reason_of(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(error)
    assert status
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "mien"
    assert dict(error.trailing_metadata())["x-request-id"] == info.metadata["request_id"]
    return str(info.reason)


@pytest.mark.parametrize(
    "metadata",
    [
        (("authorization", f"Bearer {BOB}"),),
        (("authorization", f"bearer {BOB}"),),
        (("x-api-key", BOB),),
        (("authorization", "Basic YTpi"), ("x-api-key", BOB)),
    ],
)
async def test_a_right_key_opens(channel: grpc.aio.Channel, metadata: Metadata) -> None:
    """In either form."""
    stub = EmotionServiceStub(channel)
    assert (await stub.Analyze(pb.AnalyzeRequest(image=JPEG), metadata=metadata)).faces
    assert (await stub.ListModels(pb.ListModelsRequest(), metadata=metadata)).models


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", ""),),
        (("authorization", "Bearer "),),
        (("authorization", BOB),),
        (("x-api-key", ""),),
        (("x-api-key", "mien_wrong"),),
        (("x-api-key", "x" * 5000),),
    ],
    ids=lambda metadata: str(metadata)[:40],
)
async def test_anything_else_does_not(channel: grpc.aio.Channel, metadata: Metadata) -> None:
    """A rich status, without the key."""
    error = await failure(channel, metadata)
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert reason_of(error) == "unauthenticated"
    assert "mien_" not in (error.details() or "")


async def test_a_rate_is_kept(channel: grpc.aio.Channel) -> None:
    """RESOURCE_EXHAUSTED, with the real wait; both keys of a caller share it."""
    stub = EmotionServiceStub(channel)
    for key in (ALICE, ALICE_NEW):
        await stub.ListModels(pb.ListModelsRequest(), metadata=(("x-api-key", key),))
    error = await failure(channel, (("x-api-key", ALICE),))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert reason_of(error) == "rate_limited"
    retry = error_details_pb2.RetryInfo()
    status = rpc_status.from_call(error)
    assert status
    assert status.details[1].Unpack(retry)
    assert 0 < retry.retry_delay.seconds <= 86_400


async def test_without_a_key_the_peer_is_the_caller() -> None:
    """Every connection of one address has one rate."""
    async with channel_to(FakeGateway(rate=parse_rate("1/day"))) as channel:
        await EmotionServiceStub(channel).ListModels(pb.ListModelsRequest())
        assert reason_of(await failure(channel)) == "rate_limited"


async def test_health_and_reflection_stay_open() -> None:
    """Orchestrators have no key, and come often."""
    async with channel_to(FakeGateway(keys=keys(), rate=parse_rate("1/day"))) as channel:
        for _ in range(3):
            health = health_pb2_grpc.HealthStub(channel)
            response = await health.Check(health_pb2.HealthCheckRequest())
            assert response.status == health_pb2.HealthCheckResponse.SERVING
            reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
            asked = reflection_pb2.ServerReflectionRequest(list_services="")
            assert (await reflection.ServerReflectionInfo(iter((asked,))).read()).HasField(
                "list_services_response"
            )


async def silent() -> AsyncIterator[bytes]:
    """A caller who begins a call and sends no message."""
    await asyncio.sleep(60)
    yield b""


async def sent(*messages: bytes) -> AsyncIterator[bytes]:
    """A caller who sends these messages."""
    for message in messages:
        yield message


async def refusal(
    channel: grpc.aio.Channel, messages: AsyncIterator[bytes], metadata: Metadata = ()
) -> tuple[grpc.StatusCode, str]:
    """How Analyze ends with these messages, of which it should have one."""
    method: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(
        "/mien.v1.EmotionService/Analyze"
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await method(messages, timeout=5, metadata=metadata)
    return caught.value.code(), reason_of(caught.value)


async def test_who_may_not_call_is_refused_before_his_message(channel: grpc.aio.Channel) -> None:
    """However long it is, it is not waited for and takes no memory."""
    assert await refusal(channel, silent()) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "unauthenticated",
    )


async def test_a_message_that_does_not_come_ends_the_call() -> None:
    """By the time that a request may take, or by the caller's own end."""
    gateway = FakeGateway(request_timeout_seconds=0.2)
    async with channel_to(gateway) as channel:
        assert await refusal(channel, silent()) == (
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "upload_too_slow",
        )
        for messages in (sent(), sent(b"no such message")):
            assert await refusal(channel, messages) == (
                grpc.StatusCode.INVALID_ARGUMENT,
                "invalid_request",
            )


@asynccontextmanager
async def under_way(gateway: FakeGateway, channel: grpc.aio.Channel) -> AsyncIterator[None]:
    """Keep one call of alice's busy."""
    gateway.detector.delay_seconds = 60
    call = EmotionServiceStub(channel).Analyze(
        pb.AnalyzeRequest(image=JPEG, no_store=True), metadata=(("x-api-key", ALICE),)
    )
    await asyncio.wait_for(gateway.detector.called.wait(), 5)
    gateway.detector.called.clear()
    gateway.detector.delay_seconds = 0
    yield
    call.cancel()


@pytest.mark.parametrize(
    ("setting", "limit"),
    [("max_uploads", 1), ("max_bytes_in_flight", 2 * len(JPEG) + 20), ("max_in_flight", 2)],
)
async def test_one_caller_gets_a_share(setting: str, limit: int) -> None:
    """Of calls, bytes of their messages, and analyses; others are answered meanwhile."""
    gateway = FakeGateway(keys=keys(), settings={setting: limit})
    async with channel_to(gateway) as channel, under_way(gateway, channel):
        error = await failure(channel, (("x-api-key", ALICE_NEW),))
        assert (error.code(), reason_of(error)) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "overloaded",
        )
        bob = (("x-api-key", BOB),)
        await EmotionServiceStub(channel).Analyze(pb.AnalyzeRequest(image=JPEG), metadata=bob)
    async with asyncio.timeout(5):  # the cancellation has only to run to its end
        while gateway.core.bytes_in_flight.taken:
            await asyncio.sleep(0.01)


async def test_who_gives_up_while_he_sends_frees_his_place() -> None:
    """Of the calls, and of the messages being received."""
    gateway = FakeGateway(settings={"max_uploads": 1})
    async with channel_to(gateway) as channel:
        method: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(
            "/mien.v1.EmotionService/Analyze"
        )
        for _ in range(3):
            call = method(silent())
            async with asyncio.timeout(5):
                while await has_place(channel):
                    if call.done():  # it came while the question below had the only place
                        call = method(silent())
                    await asyncio.sleep(0.01)
            call.cancel()
            async with asyncio.timeout(5):
                while not await has_place(channel):
                    await asyncio.sleep(0.01)


async def has_place(channel: grpc.aio.Channel) -> bool:
    """Whether there is a place for a call."""
    call = EmotionServiceStub(channel).ListModels(pb.ListModelsRequest())
    return await call.code() is grpc.StatusCode.OK


@asynccontextmanager
async def watches(channel: grpc.aio.Channel, number: int) -> AsyncIterator[list[Any]]:
    """Watch the process's health so often, from one address."""
    stub = health_pb2_grpc.HealthStub(channel)
    calls = [stub.Watch(health_pb2.HealthCheckRequest(), timeout=30) for _ in range(number)]
    for call in calls:
        await call.read()
    yield calls
    for call in calls:
        call.cancel()


async def test_watchers_are_bounded_and_take_no_place_of_others() -> None:
    """Eight of one address; nobody needs a key for it, and it never ends by itself."""
    gateway = FakeGateway(settings={"max_uploads": 4})
    async with channel_to(gateway) as channel, watches(channel, 8):
        ninth = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ninth.read()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await EmotionServiceStub(channel).Analyze(pb.AnalyzeRequest(image=JPEG))).faces
        health = health_pb2_grpc.HealthStub(channel)
        assert await health.Check(health_pb2.HealthCheckRequest(), timeout=5)


async def test_a_question_about_health_is_short(channel: grpc.aio.Channel) -> None:
    """Though a picture's length would get in; so is one of reflection."""
    asked = health_pb2.HealthCheckRequest(service="x" * 5000)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await health_pb2_grpc.HealthStub(channel).Check(asked)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    query = reflection_pb2.ServerReflectionRequest(list_services="x" * 5000)
    call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter((query,)))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_connection_ends_for_its_watchers_too() -> None:
    """Once it is too old, and live streams have had their time."""
    gateway = FakeGateway(settings={"stream_max_seconds": 0.1, "stream_send_seconds": 0.1})
    server = GrpcServer(gateway.core, "127.0.0.1:0", max_connection_age_seconds=0.2)
    await server.start()
    async with (
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        watches(channel, 1) as (watch,),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await asyncio.wait_for(watch.read(), 20)
    await server.stop(0)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_an_unknown_method_is_unknown(channel: grpc.aio.Channel) -> None:
    """And nothing worse."""
    method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
        "/mien.v1.EmotionService/Guess"
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await method(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def unary_stream(request: bytes, context: Context) -> AsyncIterator[bytes]:
    """An answer per byte."""
    del context
    for _ in request:
        yield current_caller().identity.encode()


async def stream_unary(requests: AsyncIterator[bytes], context: Context) -> bytes:
    """One answer for all."""
    del context
    return b"".join([request async for request in requests])


async def stream_stream(requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
    """An answer per frame, as a generator."""
    del context
    async for _ in requests:
        yield current_caller().identity.encode()


async def stream_writer(requests: AsyncIterator[bytes], context: Context) -> None:
    """The same, in gRPC's other way to write it."""
    async for _ in requests:
        await context.write(current_caller().identity.encode())


@asynccontextmanager
async def streaming(gateway: FakeGateway, service: str) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(interceptors=(AccessInterceptor(gateway.core, 1_000_000),))
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "unary_stream": grpc.unary_stream_rpc_method_handler(unary_stream),
        "stream_unary": grpc.stream_unary_rpc_method_handler(stream_unary),
        "stream_stream": grpc.stream_stream_rpc_method_handler(stream_stream),
        "stream_writer": grpc.stream_stream_rpc_method_handler(stream_writer),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


async def frames() -> AsyncIterator[bytes]:
    """Two, a little late: a grpc.aio client that is refused while it sends sees INTERNAL."""
    await asyncio.sleep(0.05)
    yield b"a"
    yield b"b"


async def received(call: AsyncIterator[bytes]) -> list[bytes]:
    return [message async for message in call]


def calls(service: str, metadata: Metadata) -> list[Callable[[grpc.aio.Channel], Any]]:
    """Each kind of stream, called with two frames."""
    path = f"/{service}/"
    return [
        lambda channel: received(
            channel.unary_stream(f"{path}unary_stream")(b"ab", metadata=metadata)
        ),
        lambda channel: channel.stream_unary(f"{path}stream_unary")(frames(), metadata=metadata),
        lambda channel: received(
            channel.stream_stream(f"{path}stream_stream")(frames(), metadata=metadata)
        ),
        lambda channel: received(
            channel.stream_stream(f"{path}stream_writer")(frames(), metadata=metadata)
        ),
    ]


async def test_streams_of_every_kind_are_guarded() -> None:
    """Ours alone: the caller is known inside, and only what has one request is counted."""
    gateway = FakeGateway(keys=keys("1/day"))
    ours = "mien.v1.Trial"
    alice = ((b"key:alice",) * 2, b"ab")
    async with streaming(gateway, ours) as channel:
        answers = [await call(channel) for call in calls(ours, (("x-api-key", ALICE),))]
        assert [answer if isinstance(answer, bytes) else tuple(answer) for answer in answers] == [
            alice[0],
            alice[1],
            alice[0],
            alice[0],
        ]
        for call in calls(ours, ()):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(channel)
            assert reason_of(caught.value) == "unauthenticated"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await calls(ours, (("x-api-key", ALICE),))[0](channel)
        assert reason_of(caught.value) == "rate_limited"


async def test_callers_at_the_same_time_are_not_mixed_up() -> None:
    """Each call knows its own."""
    gateway = FakeGateway(keys=keys())
    ours = "mien.v1.Trial"
    async with streaming(gateway, ours) as channel:
        answers = await asyncio.gather(
            *(calls(ours, (("x-api-key", key),))[2](channel) for key in (ALICE, BOB) * 20)
        )
    assert [answer[0] for answer in answers] == [b"key:alice", b"key:bob"] * 20
