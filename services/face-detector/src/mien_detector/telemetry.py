"""Logs and spans, with the request's id."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars
from structlog.typing import EventDict, WrappedLogger

from mien_detector.errors import ImageError, RequestError

_PROPAGATOR = TraceContextTextMapPropagator()
_NOTHING = nullcontext(trace.INVALID_SPAN)

Headers = Iterable[tuple[str, str | bytes]]


class _Switch:
    tracer: Tracer | None = None


@contextmanager
def traced(service: str, endpoint: str, ratio: float) -> Iterator[None]:
    """Send this process's spans to a collector while inside; without an endpoint, none."""
    if not endpoint:
        yield
        return
    from mien_detector.otlp import make_provider  # noqa: PLC0415 - costs, see there

    provider = make_provider(service, endpoint, ratio)
    _Switch.tracer = provider.get_tracer(service)
    try:
        yield
    finally:
        _Switch.tracer = None
        provider.shutdown()  # sends what is left


def span(name: str) -> AbstractContextManager[Span]:
    """Record what happens inside as a part of the span under way."""
    tracer = _Switch.tracer
    return _NOTHING if tracer is None else _recorded(tracer, name, SpanKind.INTERNAL, None)


def server_span(name: str, headers: Headers) -> AbstractContextManager[Span]:
    """Record a call as a part of the caller's trace, where its metadata tells of one."""
    tracer = _Switch.tracer
    if tracer is None:
        return _NOTHING
    carrier: Mapping[str, str] = {key: value for key, value in headers if isinstance(value, str)}
    caller = _PROPAGATOR.extract(carrier, Context())
    return _recorded(tracer, name, SpanKind.SERVER, caller)


def trace_id() -> str | None:
    """Return the id of the trace under way, as logs show it."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


@contextmanager
def _recorded(tracer: Tracer, name: str, kind: SpanKind, parent: Context | None) -> Iterator[Span]:
    with tracer.start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes={"mien.outcome": "ok"},
        # An exception's text may tell of the picture.
        record_exception=False,
        set_status_on_exception=False,
    ) as recorded:
        try:
            yield recorded
        except BaseException as error:
            recorded.set_attribute("mien.outcome", type(error).__name__)
            if not isinstance(error, ImageError | RequestError):
                recorded.set_status(StatusCode.ERROR)
            raise


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
