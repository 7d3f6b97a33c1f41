"""The gateway over fakes, and clients of it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import grpc.aio
import httpx
import pytest
from mien.v1.emotion_pb2_grpc import EmotionServiceStub

from mien_gateway.grpc.server import GrpcServer
from mien_gateway.http.app import create_http_app
from tests.fakes.gateway import FakeGateway

if TYPE_CHECKING:  # the stubs alone know this name
    from mien.v1.emotion_pb2_grpc import EmotionServiceAsyncStub


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    """A core over fakes; every test has its own."""
    gateway = FakeGateway()
    yield gateway
    await gateway.analyzer.settle()


@pytest.fixture
async def client(gateway: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client that reaches the application without a socket."""
    transport = httpx.ASGITransport(create_http_app(gateway.core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mien") as client:
        yield client


@pytest.fixture
async def server(gateway: FakeGateway) -> AsyncIterator[GrpcServer]:
    """The gRPC server on a free port."""
    server = GrpcServer(gateway.core, "127.0.0.1:0")
    await server.start()
    yield server
    await server.stop(0)


@pytest.fixture
async def channel(server: GrpcServer) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to it."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> "EmotionServiceAsyncStub":
    """A typed client of the service."""
    return EmotionServiceStub(channel)
