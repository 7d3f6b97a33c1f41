"""One JSON object per log entry, on standard error."""

import re
import sys

import structlog
from structlog.contextvars import bind_contextvars
from structlog.typing import EventDict, WrappedLogger

from mien_detector.tracing import trace_id

REQUEST_ID = "x-request-id"
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def set_up_logging() -> None:
    """Give every entry its level, its time, and what is known of the request under way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_trace_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def bind_request_id(given: object) -> None:
    """Let the task under way log its caller's id, where that is short and plain."""
    if isinstance(given, str) and _SANE.fullmatch(given):
        bind_contextvars(request_id=given)


def _add_trace_id(logger: WrappedLogger, method: str, entry: EventDict) -> EventDict:
    """Lead from a log entry to its trace, where one is recorded."""
    del logger, method
    if known := trace_id():
        entry["trace_id"] = known
    return entry
