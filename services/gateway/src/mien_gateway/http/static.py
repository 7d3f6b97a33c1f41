"""The files of the web page."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mien_gateway.http.problems import Problem, problem_response

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


def preferred(header: str, offered: Collection[str], default: str) -> str:
    """Return what of the offered the header ranks highest, else the default.

    A language matches its regional forms: `de-AT` asks for `de`.
    """
    ranked = sorted(map(_weighted, header.split(",")), key=lambda item: -item[1])
    for name, weight in ranked:
        for candidate in (name, name.partition("-")[0]):
            if weight > 0 and candidate in offered:
                return candidate
    return default


def _weighted(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0


_METHODS = ("GET", "HEAD")
_YEAR_SECONDS = 31_536_000
# The forms, those that are smaller first; whoever names none gets the file as it is.
_CODINGS = ("br", "gzip")
_PLAIN = "identity"
_SECURITY = {
    # The page's own scripts and nobody else's, no inline ones; what it asks, it asks here.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(), geolocation=(), display-capture=(), accelerometer=(), "
        "gyroscope=(), magnetometer=(), midi=(), payment=(), serial=(), usb=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NOT_BUILT = (
    "The web page was not built here: `make page` builds it, and MIEN_GATEWAY_PAGE_DIR tells the "
    "gateway where it is. The calls of the API are described at /docs"
)


class Page:
    """Answers for the page's files; everything else goes on to the application."""

    def __init__(self, app: ASGIApp, files: Mapping[str, PageFile]) -> None:
        """Take the application, and the files by their paths; without any there is no page."""
        self._app = app
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or go on."""
        app = self._app
        # Every picture comes this way, too: a look at its path is all that it pays.
        if scope["type"] == "http" and (scope["path"] in self._files or scope["path"] == START):
            app = self._answer(Request(scope)) or app
        await app(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        file = self._files.get(request.scope["path"])
        if request.method not in _METHODS:
            return _not_allowed(request) if file else None
        if file:
            return _file_response(request, file)
        problem = Problem(HTTPStatus.NOT_FOUND, "No web page")
        return problem_response(request, problem, "page_not_built", _NOT_BUILT)


def _file_response(request: Request, file: PageFile) -> Response:
    coding = _coding(request, file)
    etag = f'"{file.etag}"' if coding == _PLAIN else f'"{file.etag}-{coding}"'
    lifetime = f"public, max-age={_YEAR_SECONDS}, immutable" if file.immutable else "no-cache"
    headers = _SECURITY | {"Cache-Control": lifetime, "ETag": etag, "Vary": "Accept-Encoding"}
    if _is_known(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Type"] = file.media_type
    if coding != _PLAIN:
        headers["Content-Encoding"] = coding
    body = file.forms[coding]
    if request.method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(len(body))})
    return Response(body, headers=headers)


def _coding(request: Request, file: PageFile) -> str:
    accepted = request.headers.get("accept-encoding", "")
    offered = [coding for coding in _CODINGS if coding in file.forms]
    # Browsers name all codings with one weight: among equals ours decides.
    wanted = {preferred(accepted, (coding,), _PLAIN) for coding in offered}
    return next((coding for coding in offered if coding in wanted), _PLAIN)


def _is_known(request: Request, etag: str) -> bool:
    """Whether the caller has this very form; intermediaries may have marked it as weak."""
    known = request.headers.get("if-none-match", "").split(",")
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in known)


def _not_allowed(request: Request) -> Response:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    detail = f"{request.method} {request.scope['path']}: {status.phrase}"
    problem = Problem(status, status.phrase)
    headers = {"Allow": ", ".join(_METHODS)}
    return problem_response(request, problem, status.name.lower(), detail, headers)
