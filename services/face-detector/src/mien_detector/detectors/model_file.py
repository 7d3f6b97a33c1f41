"""Finds YuNet's file on this machine, or downloads it; the hash decides what it is."""

import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import structlog

from mien_detector.errors import ModelUnavailableError

FILE_NAME: Final = "yunet_n_dynamic.onnx"
SHA256: Final = "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"
ORIGIN: Final = (
    "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/"
    "0047ac24afb1a50a0c6105001c89d1b5b805dbf1/onnx/yunet_n_dynamic.onnx"
)
_MAXIMUM_BYTES = 4_000_000  # the file has 322,906; whoever sends more sends something else

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """Where the file may be.

    Attributes:
        folders: looked into in this order.
        cache: where a downloaded file is kept; looked into after the folders.
        url: where it is downloaded from.
        timeout_seconds: for the whole download.
    """

    folders: tuple[Path, ...]
    cache: Path
    url: str
    timeout_seconds: float


def find_or_download(source: ModelSource) -> Path:
    """Return the path of a file with the pinned hash.

    Raises:
        ModelUnavailableError: there is none here, and it could not be downloaded.
    """
    for folder in (*source.folders, source.cache):
        path = folder / FILE_NAME
        if path.is_file():
            if _is_genuine(path.read_bytes()):
                return path
            _log.warning("model file ignored", path=str(path), reason="its SHA-256 is another")
    content = _download(source.url, source.timeout_seconds)
    return _store(content, source.cache / FILE_NAME)


def _is_genuine(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256


def _download(url: str, timeout_seconds: float) -> bytes:
    try:
        content = _fetch(url, timeout_seconds)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{url} cannot be downloaded: {error!r}"
        raise ModelUnavailableError(message) from error
    if not _is_genuine(content):
        message = f"{url} gave a file whose SHA-256 is not {SHA256}"
        raise ModelUnavailableError(message)
    return content


def _fetch(url: str, timeout_seconds: float) -> bytes:
    # httpx's timeout holds for each wait alone; a server that drips bytes needs an end too.
    end = time.monotonic() + timeout_seconds
    content = bytearray()
    with httpx.stream("GET", url, timeout=timeout_seconds, follow_redirects=True) as response:
        response.raise_for_status()
        for part in response.iter_bytes():
            content += part
            if time.monotonic() > end:
                message = f"not complete after {timeout_seconds} s"
                raise httpx.ReadTimeout(message)
            if len(content) > _MAXIMUM_BYTES:
                message = f"more than {_MAXIMUM_BYTES} bytes"
                raise httpx.ReadError(message)
    return bytes(content)


def _store(content: bytes, path: Path) -> Path:
    """Write the file in one step, so that nobody ever sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error}"
        raise ModelUnavailableError(message) from error
    _log.info("model file downloaded", path=str(path))
    return path
