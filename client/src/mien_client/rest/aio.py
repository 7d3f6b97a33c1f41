"""REST, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path
from typing import TypeVar

import httpx

from mien_client.address import Address
from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.rest.calls import rest_call
from mien_client.rest.wire import check, client_arguments, request_of, translated
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

    def stream(
        self,
        start: StreamStart,
        frames: AsyncIterable[bytes],
        seconds: float,
        *,
        newest_wins: bool,
    ) -> AsyncGenerator[Outcome, None]:
        """Follow live frames over a WebSocket."""
        raise NotImplementedError

    async def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video."""
        raise NotImplementedError

    def events(self, video: str) -> AsyncGenerator[VideoJob, None]:
        """Follow a job's server-sent events."""
        raise NotImplementedError

    async def download(self, video: str, name: ResultName, path: Path) -> None:
        """Fetch a result."""
        raise NotImplementedError

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()
