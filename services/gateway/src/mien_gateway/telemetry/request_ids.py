"""One id per request: the caller's, where it can be trusted to stand in a log line.

While a request is under way its id is bound to the context, so that every log entry has it
and the other services hear of it.
"""

import re
from uuid import uuid4

from structlog.contextvars import bind_contextvars, get_contextvars

HEADER = "X-Request-Id"

_SANE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def accept_or_make(given: str | None) -> str:
    """Return the caller's id if it is short and plain, else a new one."""
    if given and _SANE.fullmatch(given):
        return given
    return uuid4().hex


def bind_request_id(request_id: str) -> None:
    """Let the task under way, and those that it starts, work for that request."""
    bind_contextvars(request_id=request_id)


def current_request_id() -> str | None:
    """Return the id of the request under way."""
    bound: str | None = get_contextvars().get("request_id")
    return bound
