"""Reads the built page, once, into what can be answered with."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

MAX_BYTES = 8_000_000
"""All files together, as they are kept in memory: in full and compressed."""
START = "/"
DESCRIPTION = "/docs"

_INDEX = "index.html"
_HTML = ".html"
# Written by the build beside each file that gets smaller by it.
_PACKED = {".br": "br", ".gz": "gzip"}
# As Vite names what may change only together with its name.
_HASHED = re.compile(r"assets/.+-[\w-]{8}\.\w+")
_TEXT = "; charset=utf-8"
_MEDIA_TYPES = {
    ".css": f"text/css{_TEXT}",
    ".html": f"text/html{_TEXT}",
    ".ico": "image/x-icon",
    ".js": f"text/javascript{_TEXT}",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": f"text/plain{_TEXT}",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_BYTES = "application/octet-stream"


class PageError(Exception):
    """The page cannot be served as it lies there; one sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """One file, in every form in which it can be sent."""

    media_type: str
    immutable: bool
    """Whether its name changes whenever its content does."""
    etag: str
    """Of the plain form, without quotes; a compressed one adds `-br` or `-gzip`."""
    forms: Mapping[str, bytes]
    """The content, by its content coding; `identity` is always there."""


def load_page(folder: Path) -> Mapping[str, PageFile]:
    """Return the files of a built page by the paths that they are served at.

    `NAME.html` is served at `/NAME` too, and `index.html` at `/`. Nothing else of the disk can
    ever be asked for: what is served was read here.

    Raises:
        PageError: the folder holds no page, cannot be read, or holds more than MAX_BYTES.
    """
    try:
        contents = dict(_contents(folder))
    except OSError as error:
        message = f"the page in {folder} cannot be read: {error.strerror}"
        raise PageError(message) from error
    if _INDEX not in contents:
        message = f"{folder} holds no page: there is no {_INDEX} in it; `make page` builds one"
        raise PageError(message)
    plain = [name for name in contents if _suffix(name) not in _PACKED]
    return {path: file for name in plain for path, file in _served(name, contents)}


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Each regular file's name below the folder, with slashes, and its bytes."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.is_symlink() or not path.is_file():
                continue
            total += path.stat().st_size
            if total > MAX_BYTES:
                message = f"the page in {folder} is larger than {MAX_BYTES} bytes"
                raise PageError(message)
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _served(name: str, contents: Mapping[str, bytes]) -> Iterator[tuple[str, PageFile]]:
    packed = {
        coding: contents[name + ending]
        for ending, coding in _PACKED.items()
        if name + ending in contents
    }
    file = PageFile(
        media_type=_MEDIA_TYPES.get(_suffix(name), _BYTES),
        immutable=_HASHED.fullmatch(name) is not None,
        etag=blake2b(contents[name], digest_size=16).hexdigest(),
        forms={"identity": contents[name], **packed},
    )
    yield f"/{name}", file
    if name.endswith(_HTML):
        yield f"/{name.removesuffix(_INDEX).removesuffix(_HTML)}", file


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()
