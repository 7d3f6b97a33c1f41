"""How a WebSocket ends for each error: the codes follow from the one table of problems."""

from http import HTTPStatus
from typing import NamedTuple

from mien_gateway.errors import GatewayError, ShuttingDownError
from mien_gateway.http.problems import PROBLEMS

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


class Closing(NamedTuple):
    """What the last frame of a WebSocket says."""

    code: int
    reason: str


def closing_of(error: GatewayError) -> Closing:
    """Return the close code for an error, and its own code as the reason."""
    if isinstance(error, ShuttingDownError):
        return Closing(GOING_AWAY, error.code)
    status = PROBLEMS[type(error)].status
    code = _CODES.get(
        status, _POLICY_VIOLATION if status < HTTPStatus.INTERNAL_SERVER_ERROR else INTERNAL_ERROR
    )
    return Closing(code, error.code[:_LONGEST_REASON])
