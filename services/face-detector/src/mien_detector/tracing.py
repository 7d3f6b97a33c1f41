"""Traces: what a picture's time went into, as a part of its caller's trace. Off until switched on.

A span says how many faces there were and how it ended; never pixels, places or addresses. While
off, a span is one shared object that does nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

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
