"""Errors as problem documents, and as close codes of WebSockets."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mien_gateway import errors
from mien_gateway.errors import GatewayError, ShuttingDownError
from mien_gateway.http.parameters import request_id
from mien_gateway.http.paths import open_inference
from mien_gateway.telemetry.logging import HEADER
from mien_gateway.telemetry.tracing import annotate

_log = structlog.get_logger(__name__)


def allowed_methods(request: Request) -> str:
    """Return the value of `Allow` for a request whose method is not among them."""
    route = request.scope.get("route")
    path = getattr(route, "path", None)
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.path == path:
            found |= context.methods or set()
    return ", ".join(sorted(found))


MEDIA_TYPE = "application/problem+json"

FORESEEN = (errors.GatewayError, ClientDisconnect, HTTPException, RequestValidationError)
"""What is raised on purpose; anything else is our own fault."""


class Problem(NamedTuple):
    """How REST words an error."""

    status: HTTPStatus
    title: str


PROBLEMS: Mapping[type[errors.GatewayError], Problem] = {
    errors.EmptyImageError: Problem(HTTPStatus.BAD_REQUEST, "Empty picture"),
    errors.InvalidBase64Error: Problem(HTTPStatus.BAD_REQUEST, "Invalid base64"),
    errors.UnauthenticatedError: Problem(HTTPStatus.UNAUTHORIZED, "API key needed"),
    errors.OriginForbiddenError: Problem(HTTPStatus.FORBIDDEN, "Origin forbidden"),
    errors.HostForbiddenError: Problem(HTTPStatus.MISDIRECTED_REQUEST, "Host forbidden"),
    errors.UnknownModelError: Problem(HTTPStatus.NOT_FOUND, "Unknown model"),
    errors.UnknownLabelError: Problem(HTTPStatus.NOT_FOUND, "Unknown expression"),
    errors.NoTwinError: Problem(HTTPStatus.NOT_FOUND, "No twin"),
    errors.NoCardError: Problem(HTTPStatus.NOT_FOUND, "No card"),
    errors.UnknownSessionError: Problem(HTTPStatus.NOT_FOUND, "Unknown session"),
    errors.ConsentRequiredError: Problem(HTTPStatus.FORBIDDEN, "Consent required"),
    errors.StreamIdleError: Problem(HTTPStatus.REQUEST_TIMEOUT, "Stream idle"),
    errors.SlowReaderError: Problem(HTTPStatus.REQUEST_TIMEOUT, "Slow reader"),
    errors.StreamTooLongError: Problem(HTTPStatus.REQUEST_TIMEOUT, "Stream too long"),
    errors.UploadTooSlowError: Problem(HTTPStatus.REQUEST_TIMEOUT, "Upload too slow"),
    errors.ImageTooLargeError: Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Picture too large"),
    errors.UnsupportedMediaTypeError: Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"
    ),
    errors.UnreadableImageError: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Unreadable picture"),
    errors.TooManyPixelsError: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Too many pixels"),
    errors.InvalidRequestError: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid request"),
    errors.NoFaceError: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "No face found"),
    errors.UnsupportedVideoError: Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported video"),
    errors.VideoTooLargeError: Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Video too large"),
    errors.UnknownVideoError: Problem(HTTPStatus.NOT_FOUND, "Unknown video"),
    errors.VideoNotAnnotatedError: Problem(HTTPStatus.NOT_FOUND, "Video not annotated"),
    errors.ResultsNotReadyError: Problem(HTTPStatus.CONFLICT, "Results not ready"),
    errors.JobStoreUnavailableError: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "Job store unavailable"
    ),
    errors.BadDetectorAnswerError: Problem(HTTPStatus.BAD_GATEWAY, "Bad answer of the detector"),
    errors.BadModelAnswerError: Problem(HTTPStatus.BAD_GATEWAY, "Bad answer of the model server"),
    errors.RateLimitedError: Problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    errors.DetectorUnavailableError: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "Face detector unavailable"
    ),
    errors.ModelServerUnavailableError: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "Model server unavailable"
    ),
    errors.TimelinesUnavailableError: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "Timelines unavailable"
    ),
    errors.ShuttingDownError: Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Shutting down"),
    errors.OverloadedError: Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Overloaded"),
    errors.DeadlineExceededError: Problem(HTTPStatus.GATEWAY_TIMEOUT, "Deadline exceeded"),
}

# Nobody reads it; the number is the one that web servers write into their logs.
_CLIENT_GONE = 499

_INTERNAL = "Something went wrong here; the request's id leads to the log entry"


def problem_response(
    request: Request,
    problem: Problem,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document; `code` is what programs may rely on."""
    annotate(outcome=code)
    document, media_type = _document(request, problem, code, detail), MEDIA_TYPE
    if open_inference(request.url.path):
        document, media_type = {"error": detail, "code": code}, "application/json"
    return Response(
        orjson.dumps(document),
        status_code=problem.status,
        headers={**(headers or {}), HEADER: request_id(request)},
        media_type=media_type,
    )


def problem_document(request: Request, error: errors.GatewayError) -> dict[str, str | int]:
    """Return the document for a domain error that is a part of an answer."""
    return _document(request, PROBLEMS[type(error)], error.code, error.detail)


def _document(request: Request, problem: Problem, code: str, detail: str) -> dict[str, str | int]:
    return {
        "type": f"urn:mien:problem:{code}",
        "title": problem.title,
        "status": problem.status.value,
        "detail": detail,
        "instance": request.url.path,
        "code": code,
        "request_id": request_id(request),
    }


def gateway_problem(
    request: Request, error: errors.GatewayError, problem: Problem | None = None
) -> Response:
    """Return the document for a domain error, by the table unless told otherwise."""
    if isinstance(error, errors.BadDetectorAnswerError | errors.BadModelAnswerError):
        _log.error(error.code, request_id=request_id(request), reason=error.reason)
    headers = {}
    if isinstance(error, errors.TemporaryError):
        headers["Retry-After"] = str(math.ceil(error.retry_after_seconds))
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="mien"'
    return problem_response(
        request, problem or PROBLEMS[type(error)], error.code, error.detail, headers
    )


def problem_of(request: Request, error: Exception) -> Response:
    """Return the answer to whatever was raised."""
    match error:
        case errors.GatewayError():
            return gateway_problem(request, error)
        case ClientDisconnect():
            return Response(status_code=_CLIENT_GONE)
        case HTTPException():
            return _http_problem(request, error)
        case RequestValidationError():
            places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return gateway_problem(request, errors.InvalidRequestError("; ".join(places)))
    _log.error("internal_error", request_id=request_id(request), error=type(error).__name__)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem_response(request, Problem(status, status.phrase), "internal_error", _INTERNAL)


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    async def handle(request: Request, error: Exception) -> Response:
        return problem_of(request, error)

    for kind in (*FORESEEN, Exception):
        app.add_exception_handler(kind, handle)


def _http_problem(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    detail = f"{request.method} {request.url.path}: {status.phrase}"
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": allowed_methods(request)}
    return problem_response(
        request, Problem(status, status.phrase), status.name.lower(), detail, headers
    )


GOING_AWAY = 1001
INTERNAL_ERROR = 1011

_POLICY_VIOLATION = 1008
_UNSUPPORTED_DATA = 1003
_TOO_BIG = 1009
_TRY_AGAIN_LATER = 1013
_BAD_GATEWAY = 1014

_CODES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _TOO_BIG,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _UNSUPPORTED_DATA,
    HTTPStatus.TOO_MANY_REQUESTS: _TRY_AGAIN_LATER,
    HTTPStatus.SERVICE_UNAVAILABLE: _TRY_AGAIN_LATER,
    HTTPStatus.GATEWAY_TIMEOUT: _TRY_AGAIN_LATER,
    HTTPStatus.BAD_GATEWAY: _BAD_GATEWAY,
}
# A control frame holds 125 bytes, two of which are the code.
_LONGEST_REASON = 123


class CloseCode(NamedTuple):
    """What the last frame of a WebSocket says."""

    code: int
    reason: str


def close_code_of(error: GatewayError) -> CloseCode:
    """Return the close code for an error, and its own code as the reason."""
    if isinstance(error, ShuttingDownError):
        return CloseCode(GOING_AWAY, error.code)
    status = PROBLEMS[type(error)].status
    code = _CODES.get(
        status, _POLICY_VIOLATION if status < HTTPStatus.INTERNAL_SERVER_ERROR else INTERNAL_ERROR
    )
    return CloseCode(code, error.code[:_LONGEST_REASON])
