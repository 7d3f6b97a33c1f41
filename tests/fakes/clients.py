"""The four clients as one: for threads and for asyncio, over REST and over gRPC."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutine
from typing import Any

from mien_client import AsyncClient, Client

KINDS = ("rest", "rest-async", "grpc", "grpc-async")


class Driven:
    """An AsyncClient whose calls are driven to their end by an event loop of its own."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The client's method, as Client has it."""
        method = getattr(self._client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            result: Any = method(*arguments, **options)
            if isinstance(result, AsyncGenerator):
                return self._iterated(result)
            assert iscoroutine(result)
            return self._runner.run(result)

        return call

    def _iterated(self, generator: AsyncGenerator[Any, None]) -> Iterator[Any]:
        over = object()

        async def following() -> Any:
            return await anext(generator, over)

        try:
            while (item := self._runner.run(following())) is not over:
                yield item
        finally:
            self._runner.run(generator.aclose())


@contextmanager
def opened(kind: str, rest_url: str, grpc_url: str, **options: Any) -> Iterator[Any]:
    """Yield a client of this kind; all of them have the methods of Client."""
    url = grpc_url if kind.startswith("grpc") else rest_url
    if not kind.endswith("async"):
        with Client(url, **options) as client:
            yield client
        return
    with asyncio.Runner() as runner:
        driven = AsyncClient(url, **options)
        yield Driven(driven, runner)
        runner.run(driven.close())
