"""The id of an HTTP request."""

from starlette.requests import HTTPConnection

from mien_gateway.telemetry.request_ids import HEADER, accept_or_make


def request_id(request: HTTPConnection) -> str:
    """Return the request's id, the same one however often it is asked for."""
    known: str | None = getattr(request.state, "request_id", None)
    if known is None:
        known = accept_or_make(request.headers.get(HEADER))
        request.state.request_id = known
    return known
