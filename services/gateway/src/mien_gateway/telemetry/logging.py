"""Logs as JSON lines, with the request's id."""

import logging
import re
import sys
from uuid import uuid4

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars
from structlog.typing import EventDict, WrappedLogger

from mien_gateway.telemetry.tracing import trace_id

# A video's id, which opens its results, where a path is part of an exception's message.
_VIDEO_ID = re.compile(
    r"(?<=/v1/videos/)[\w-]{16,64}|[\w-]{16,64}(?=\.(?:upload|\d+\.jsonl|\d+\.mp4))", re.ASCII
)


def configure_logging(level: str) -> None:
    """Set structlog and the standard library's logging up alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
                _without_video_ids,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Its start and stop are told here in our own words.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _add_trace_id(logger: WrappedLogger, method: str, entry: EventDict) -> EventDict:
    """Lead from a log entry to its trace, where one is recorded."""
    del logger, method
    if known := trace_id():
        entry["trace_id"] = known
    return entry


def _without_video_ids(logger: WrappedLogger, method: str, line: object) -> str:
    del logger, method
    return _VIDEO_ID.sub("[video]", str(line))


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
