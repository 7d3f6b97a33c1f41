"""The web page, before everything else: its files are answered from memory, without a door."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mien_gateway.http.preferences import preferred
from mien_gateway.http.problems import Problem, problem_response
from mien_gateway.page.files import START, PageFile

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
