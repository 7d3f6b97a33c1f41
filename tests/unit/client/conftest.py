"""Gateways over fakes on real sockets, in a thread beside the test, and clients of them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from threading import Event, Thread
from typing import Any, TypeAlias

import pytest

from mien_gateway.grpc.server import GrpcServer
from tests.fakes.clients import KINDS, opened
from tests.fakes.gateway import FakeGateway
from tests.fakes.sockets import served

Serve: TypeAlias = Callable[[FakeGateway], tuple[str, str]]


@contextmanager
def serving(gateway: FakeGateway) -> Iterator[tuple[str, str]]:
    """Serve a gateway over both transports; yields its two URLs."""
    urls: list[str] = []
    ready, over = Event(), Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            host = await stack.enter_async_context(served(gateway))
            server = GrpcServer(gateway.core, "127.0.0.1:0")
            await server.start()
            await server.set_ready(ready=True)
            stack.push_async_callback(server.stop, 0)
            urls.extend((f"http://{host}", f"grpc://127.0.0.1:{server.port}"))
            ready.set()
            await asyncio.to_thread(over.wait)
        await gateway.analyzer.settle()

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield urls[0], urls[1]
    over.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a gateway until the test is over."""
    with ExitStack() as stack:
        yield lambda gateway: stack.enter_context(serving(gateway))


@pytest.fixture(params=KINDS)
def client_of(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Callable[..., Any]]:
    """Makes a client, one of the four kinds, of a gateway."""
    with ExitStack() as stack:
        yield lambda gateway, **options: stack.enter_context(
            opened(request.param, *serve(gateway), **options)
        )
