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

from mien_gateway.access.rates import parse_rate
from mien_gateway.grpc.access import AccessInterceptor, current_caller
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
    server = grpc.aio.server(interceptors=(AccessInterceptor(gateway.core.access),))
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
