"""REST, for threads."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mien_client.address import Address
from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.rest import jobs
from mien_client.rest.calls import as_json, rest_call
from mien_client.rest.deadline import Deadline, heed_deadlines
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

_EXTENSIONS = {"trace": heed_deadlines}


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
            request = request_of(self._http, call, Deadline(seconds), _EXTENSIONS)
            response = self._http.send(request)
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
            content=upload.pieces(),
            timeout=Deadline(seconds, silence=PIECE_SECONDS),
            extensions=_EXTENSIONS,
        )
        with translated(self._address.url):
            response = self._http.send(request)
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
            self._http.stream("GET", path, extensions=_EXTENSIONS, **arguments) as response,
        ):
            if not response.is_success:
                response.read()
            raise_for_problem(response, self._address.url)
            yield response
