"""What a caller asks for besides the picture."""

import math
from dataclasses import dataclass

from starlette.requests import Request

from mien_gateway.access.callers import Caller
from mien_gateway.analysis.judging import check_minimum_confidence
from mien_gateway.errors import InvalidRequestError
from mien_gateway.keeping.timelines import check_session

_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The query of a request, read."""

    model: str
    minimum_confidence: float | None
    allow_twin: bool
    no_store: bool
    session: str


def read_options(request: Request) -> Options:
    """Return the options of a request.

    Raises InvalidRequestError that names the one that cannot be read.
    """
    return Options(
        model=request.query_params.get("model", ""),
        minimum_confidence=_minimum_confidence(request),
        allow_twin=read_flag(request, "allow_twin"),
        no_store=no_store(request),
        session=_session(request),
    )


def read_flag(request: Request, name: str) -> bool:
    """Return a yes or no of the query; no where it is not there."""
    given = request.query_params.get(name, "false").lower()
    if given not in (*_YES, *_NO):
        message = f"`{name}` must be true or false"
        raise InvalidRequestError(message)
    return given in _YES


def no_store(request: Request) -> bool:
    """Whether the caller forbids keeping the answer."""
    directives = request.headers.get("cache-control", "").lower().split(",")
    return "no-store" in map(str.strip, directives)


def _session(request: Request) -> str:
    given = request.query_params.get("session")
    caller: Caller = request.state.caller
    return "" if given is None else caller.own(check_session(given))


def _minimum_confidence(request: Request) -> float | None:
    given = request.query_params.get("minimum_confidence")
    if given is None:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    return check_minimum_confidence(value)
