"""A gateway as its callers see it: videos go in, jobs are followed, results come out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

_CHUNK = 1 << 20
_PAUSE_SECONDS = 2.0
# Too slow, too many, or a fault of Mien's own: the same may succeed later.
_LATER = (408, 429, 500, 502, 503, 504)
# Empty, too large, or no video.
_OF_THE_VIDEO = (400, 413, 415)


class AwayError(Exception):
    """The gateway has not answered, or had no room, for as long as anybody would wait."""


class MisusedError(Exception):
    """The gateway would refuse every video in this way: a wrong key, model or option."""


class RefusedError(Exception):
    """The gateway does not take this video; sending it again would not help."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or "refused")
        self.problem = problem


class Gateway:
    """Asks again while the gateway is away or full, for `patience_seconds` without success."""

    def __init__(self, url: str, key: str, *, patience_seconds: float) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # A video may take its time to be sent and taken in; no single read does.
        timeout = httpx.Timeout(60, connect=5)
        self._client = httpx.Client(base_url=url, headers=headers, timeout=timeout)
        self._patience_seconds = patience_seconds

    def submit(self, video: Path, options: dict[str, str]) -> str:
        """Send a video and return its job's id."""

        def send() -> httpx.Response:
            headers = {"Content-Length": str(video.stat().st_size)}
            return self._client.post(
                "/v1/videos", params=options, content=_chunks(video), headers=headers
            )

        return str(self._patiently(send).json()["id"])

    def job(self, job: str) -> dict[str, Any] | None:
        """Return how a job is; None where it is not known any more."""
        answer = self._patiently(lambda: self._client.get(f"/v1/videos/{job}"), unless=404)
        document: dict[str, Any] = answer.json()
        return document if answer.is_success else None

    def result(self, job: str, name: str) -> bytes:
        """Return one of a job's results."""
        return self._patiently(lambda: self._client.get(f"/v1/videos/{job}/{name}")).content

    @contextmanager
    def streamed(self, job: str, name: str) -> Iterator[Iterator[bytes]]:
        """Yield the parts of a result that may be large. Not asked for again when it breaks."""
        try:
            with self._client.stream("GET", f"/v1/videos/{job}/{name}") as answer:
                answer.raise_for_status()
                yield answer.iter_bytes(_CHUNK)
        except httpx.HTTPError as error:
            message = f"{name} did not arrive whole: {error!r}"
            raise AwayError(message) from error

    def delete(self, job: str) -> None:
        """Free the gateway's disk; what fails here is swept there in time."""
        try:
            self._client.delete(f"/v1/videos/{job}")
        except httpx.TransportError:
            return

    def _patiently(self, ask: Callable[[], httpx.Response], unless: int = 0) -> httpx.Response:
        until = time.monotonic() + self._patience_seconds
        while True:
            pause, reason = _PAUSE_SECONDS, ""
            try:
                answer = ask()
            except httpx.TransportError as error:
                reason = repr(error)
            else:
                if answer.is_success or answer.status_code == unless:
                    return answer
                reason = _refuse(answer)
                pause = float(answer.headers.get("Retry-After", pause))
            if time.monotonic() + pause > until:
                message = f"{self._client.base_url} is away or full: {reason}"
                raise AwayError(message)
            time.sleep(pause)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _refuse(answer: httpx.Response) -> str:
    """Raise what will not change; return why where it may."""
    problem = _problem(answer)
    if answer.status_code in _OF_THE_VIDEO:
        raise RefusedError(problem)
    reason = str(problem.get("detail") or problem.get("title") or answer.status_code)
    if answer.status_code not in _LATER:
        raise MisusedError(reason)
    return reason


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    return {"code": f"http_{answer.status_code}", "detail": answer.text[:200]}
