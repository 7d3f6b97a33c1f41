"""REST, for threads."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mien_client.address import Address
from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.rest import jobs
from mien_client.rest.calls import as_json, rest_call
from mien_client.rest.problems import raise_for_problem
from mien_client.rest.socket import stream
from mien_client.rest.wire import (
    PIECE_SECONDS,
    check,
    client_arguments,
    flowing,
    request_of,
    translated,
)
from mien_client.streaming.feed import Feed
from mien_client.structure import structured
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
            response = self._whole(request_of(self._http, call, seconds), seconds)
            check(response, call, self._address.url)
            return call.read(response)

    def stream(self, start: StreamStart, feed: Feed) -> Generator[Outcome, None, None]:
        """Follow live frames over a WebSocket."""
        return stream(self._address, self._api_key, start, feed)

    def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video."""
        request = self._http.build_request(
            "POST",
            jobs.SUBMIT,
            params=jobs.submit_query(wish),
            headers=jobs.submit_headers(upload),
            content=_in_time(upload.pieces(), time.monotonic() + seconds),
            timeout=min(seconds, PIECE_SECONDS),
        )
        with translated(self._address.url):
            response = self._whole(request, seconds)
            raise_for_problem(response, self._address.url)
            return structured(VideoJob, as_json(response))

    def events(self, video: str) -> Generator[VideoJob, None, None]:
        """Follow a job's server-sent events."""
        timeout = jobs.SILENCE_SECONDS
        with self._streamed(jobs.events_path(video), timeout=timeout) as response:
            for line in response.iter_lines():
                if job := jobs.read_event(line):
                    yield job

    def download(self, video: str, name: ResultName, path: Path) -> None:
        """Fetch a result."""
        with self._streamed(jobs.result_path(video, name)) as response, path.open("wb") as file:
            for piece in response.iter_bytes():
                file.write(piece)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    @contextmanager
    def _streamed(self, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        with (
            flowing(self._address.url),
            self._http.stream("GET", path, **arguments) as response,
        ):
            if not response.is_success:
                response.read()
            raise_for_problem(response, self._address.url)
            yield response

    def _whole(self, request: httpx.Request, seconds: float) -> httpx.Response:
        """Return the whole answer; httpx bounds the wait for each part of it, not for all."""
        until = time.monotonic() + seconds
        response = self._http.send(request, stream=True)
        try:
            content = b"".join(_in_time(response.iter_raw(), until))
        finally:
            response.close()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


def _in_time(pieces: Iterator[bytes], until: float) -> Iterator[bytes]:
    """Yield pieces; raises TimeoutError for one that comes too late."""
    for piece in pieces:
        if time.monotonic() > until:
            raise TimeoutError
        yield piece
