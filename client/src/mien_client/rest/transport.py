"""REST, for threads."""

import time
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TypeVar

import httpx

from mien_client.address import Address
from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.rest.calls import RestCall, rest_call
from mien_client.rest.wire import check, client_arguments, request_of, translated
from mien_client.transport import Outcome
from mien_client.types import VideoJob
from mien_client.upload import Upload
from mien_client.videos import ResultName

T = TypeVar("T")


class RestTransport:
    """Implements Transport over a pool of HTTP connections, and WebSockets."""

    def __init__(self, address: Address, api_key: str | None) -> None:
        """Make a pool; nothing is opened yet."""
        self._address = address
        self._api_key = api_key
        self._http = httpx.Client(**client_arguments(address, api_key))

    def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once."""
        call = rest_call(operation)
        with translated(self._address.url):
            response = self._answer(call, seconds)
            check(response, call, self._address.url)
            return call.read(response)

    def _answer(self, call: RestCall[T], seconds: float) -> httpx.Response:
        """Return the whole answer; httpx bounds the wait for each part of it, not for all."""
        until = time.monotonic() + seconds
        response = self._http.send(request_of(self._http, call, seconds), stream=True)
        try:
            pieces = []
            for piece in response.iter_raw():
                pieces.append(piece)
                if time.monotonic() > until:
                    raise TimeoutError
        finally:
            response.close()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            content=b"".join(pieces),
            request=response.request,
        )

    def stream(
        self, start: StreamStart, frames: Iterable[bytes], seconds: float, *, newest_wins: bool
    ) -> Generator[Outcome, None, None]:
        """Follow live frames over a WebSocket."""
        raise NotImplementedError

    def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video."""
        raise NotImplementedError

    def events(self, video: str) -> Generator[VideoJob, None, None]:
        """Follow a job's server-sent events."""
        raise NotImplementedError

    def download(self, video: str, name: ResultName, path: Path) -> None:
        """Fetch a result."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
