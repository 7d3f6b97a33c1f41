"""One id per request: the caller's, where it can be trusted to stand in a log line."""

import re
from uuid import uuid4

HEADER = "X-Request-Id"

_SANE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def accept_or_make(given: str | None) -> str:
    """Return the caller's id if it is short and plain, else a new one."""
    if given and _SANE.fullmatch(given):
        return given
    return uuid4().hex
