"""Downloads files over HTTP with a bound on everything: attempts, silence, bytes."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from mien_models.checksums import ChecksumError

_CHUNK_BYTES = 1 << 20
_LISTING_BYTES = 1 << 20
_AGAIN = (408, 429, 500, 502, 503, 504)
_SILENCE_SECONDS = 20


class DownloadError(OSError):
    """A file cannot be had; the message names its address and the reason."""


class _TryAgainError(Exception):
    """What may go well a moment later."""


@dataclass(frozen=True, kw_only=True)
class Downloader:
    """Gets files below one address."""

    session: requests.Session
    base: str
    attempts: int = 5
    pause_seconds: float = 1.0
    """Before the second attempt; twice as long before each further one."""
    max_file_bytes: int = 8_000_000_000

    def text(self, name: str) -> str:
        """Return a small file; raises DownloadError."""

        def read() -> bytes:
            return b"".join(self._chunks(name, _LISTING_BYTES))

        return self._several_times(name, read).decode("utf-8", "replace")

    def file(self, name: str, sha256: str, to: Path) -> None:
        """Write a file, whole and checked or not at all.

        Raises DownloadError, or ChecksumError where other bytes came.
        """
        to.parent.mkdir(parents=True, exist_ok=True)
        part = to.with_name(f".{to.name}.part")

        def write() -> bytes:
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for chunk in self._chunks(name, self.max_file_bytes):
                    digest.update(chunk)
                    file.write(chunk)
            return digest.digest()

        try:
            found = self._several_times(name, write).hex()
            if found != sha256:
                message = f"{self._url(name)} has SHA-256 {found}, the release says {sha256}"
                raise ChecksumError(message)
            part.replace(to)
        finally:
            part.unlink(missing_ok=True)

    def _several_times(self, name: str, attempt: Callable[[], bytes]) -> bytes:
        pause = self.pause_seconds
        for left in reversed(range(self.attempts)):
            try:
                return attempt()
            except (_TryAgainError, requests.ConnectionError, requests.Timeout) as error:
                reason = str(error) if isinstance(error, _TryAgainError) else type(error).__name__
            except requests.RequestException as error:
                message = f"{self._url(name)}: {error}"
                raise DownloadError(message) from error
            if left:
                time.sleep(pause)
                pause *= 2
        message = f"{self._url(name)}: {reason}, {self.attempts} times over"
        raise DownloadError(message)

    def _chunks(self, name: str, limit_bytes: int) -> Iterator[bytes]:
        url, received = self._url(name), 0
        with self.session.get(url, stream=True, timeout=_SILENCE_SECONDS) as response:
            if response.status_code in _AGAIN:
                message = f"HTTP {response.status_code}"
                raise _TryAgainError(message)
            if not response.ok:
                message = f"{url}: HTTP {response.status_code}"
                raise DownloadError(message)
            try:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    received += len(chunk)
                    if received > limit_bytes:
                        message = f"{url}: more than {limit_bytes} bytes"
                        raise DownloadError(message)
                    yield chunk
            except requests.exceptions.ChunkedEncodingError as error:
                message = "the connection broke off"
                raise _TryAgainError(message) from error

    def _url(self, name: str) -> str:
        return f"{self.base.rstrip('/')}/{name}"
