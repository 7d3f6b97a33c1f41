"""Query parameters and headers that requests have in common."""

import asyncio
import math
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect, HTTPConnection

from mien_gateway.analysis.labelling import check_minimum_confidence
from mien_gateway.auth.principal import Principal
from mien_gateway.domain import Deadline
from mien_gateway.errors import InvalidRequestError
from mien_gateway.sessions import check_session
from mien_gateway.telemetry.logging import HEADER, accept_or_make

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
    caller: Principal = request.state.caller
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


T = TypeVar("T")

TIMEOUT_HEADER = "X-Request-Timeout"
SHORTEST_SECONDS = 0.001


def caller_deadline(request: Request, longest_seconds: float) -> Deadline:
    """Return when the caller gives up; he may ask for less time than there is, not for more.

    Raises InvalidRequestError where X-Request-Timeout is not a number of seconds, or too short.
    """
    asked = request.headers.get(TIMEOUT_HEADER)
    if asked is None:
        return Deadline.after(longest_seconds)
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if not seconds >= SHORTEST_SECONDS:
        message = f"`{TIMEOUT_HEADER}` must be a number of seconds, at least {SHORTEST_SECONDS}"
        raise InvalidRequestError(message)
    return Deadline.after(min(seconds, longest_seconds))


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; cancel it when the caller goes away.

    Raises ClientDisconnect then.
    """
    task = asyncio.ensure_future(work)
    watcher = asyncio.create_task(_cancel_when_gone(request, task))
    try:
        return await task
    except asyncio.CancelledError:
        if watcher.done():
            raise ClientDisconnect from None
        raise
    finally:
        watcher.cancel()


async def _cancel_when_gone(request: Request, task: asyncio.Future[Any]) -> None:
    # The body was read: what comes next on this connection is its end.
    while (await request.receive())["type"] != "http.disconnect":
        pass
    task.cancel()


def request_id(request: HTTPConnection) -> str:
    """Return the request's id, the same one however often it is asked for."""
    known: str | None = getattr(request.state, "request_id", None)
    if known is None:
        known = accept_or_make(request.headers.get(HEADER))
        request.state.request_id = known
    return known
