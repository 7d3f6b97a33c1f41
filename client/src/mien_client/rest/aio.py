"""REST, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mien_client.address import Address
from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.rest import jobs
from mien_client.rest.async_socket import stream
from mien_client.rest.calls import as_json, rest_call
from mien_client.rest.problems import raise_for_problem
from mien_client.rest.wire import check, client_arguments, flowing, request_of, translated
from mien_client.streaming.aio import AsyncFeed
from mien_client.structure import structured
from mien_client.transport import Outcome
from mien_client.types import VideoJob
from mien_client.upload import Upload
from mien_client.videos import ResultName

T = TypeVar("T")


class AsyncRestTransport:
    """Implements AsyncTransport over a pool of HTTP connections, and WebSockets."""

    def __init__(self, address: Address, api_key: str | None) -> None:
        """Make a pool; nothing is opened yet."""
        self._address = address
        self._api_key = api_key
        self._http = httpx.AsyncClient(**client_arguments(address, api_key))

    async def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once."""
        call = rest_call(operation)
        with translated(self._address.url):
            async with asyncio.timeout(seconds):
                response = await self._http.send(request_of(self._http, call, seconds))
            check(response, call, self._address.url)
            return call.read(response)

    def stream(self, start: StreamStart, feed: AsyncFeed) -> AsyncGenerator[Outcome, None]:
        """Follow live frames over a WebSocket."""
        return stream(self._address, self._api_key, start, feed)

    async def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video."""
        request = self._http.build_request(
            "POST",
            jobs.SUBMIT,
            params=jobs.submit_query(wish),
            headers=jobs.submit_headers(upload),
            content=upload.async_pieces(),
        )
        with translated(self._address.url):
            async with asyncio.timeout(seconds):
                response = await self._http.send(request)
            raise_for_problem(response, self._address.url)
            return structured(VideoJob, as_json(response))

    async def events(self, video: str) -> AsyncGenerator[VideoJob, None]:
        """Follow a job's server-sent events."""
        timeout = jobs.SILENCE_SECONDS
        async with self._streamed(jobs.events_path(video), timeout=timeout) as response:
            async for line in response.aiter_lines():
                if job := jobs.read_event(line):
                    yield job

    async def download(self, video: str, name: ResultName, path: Path) -> None:
        """Fetch a result; a local disk is fast enough for an event loop, piece by piece."""
        async with self._streamed(jobs.result_path(video, name)) as response:
            with path.open("wb") as file:
                async for piece in response.aiter_bytes():
                    file.write(piece)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    @asynccontextmanager
    async def _streamed(self, path: str, **arguments: Any) -> AsyncIterator[httpx.Response]:
        with flowing(self._address.url):
            async with self._http.stream("GET", path, **arguments) as response:
                if not response.is_success:
                    await response.aread()
                raise_for_problem(response, self._address.url)
                yield response
