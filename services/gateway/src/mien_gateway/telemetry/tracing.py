"""Traces: what a request waited for, from service to service. Off until switched on.

A span says which model, how many faces and how it ended; never pixels, probabilities, keys,
addresses or sessions. While off, a span is one shared object that does nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context, attach
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from mien_gateway.errors import OK, CallerError, outcome_of

_PROPAGATOR = TraceContextTextMapPropagator()
_CARRIED = frozenset(_PROPAGATOR.fields)
_NOTHING = nullcontext(trace.INVALID_SPAN)

Headers = Iterable[tuple[str | bytes, str | bytes]]
Attributes = Mapping[str, str | int]


class _Switch:
    tracer: Tracer | None = None


@contextmanager
def traced(service: str, endpoint: str, ratio: float) -> Iterator[None]:
    """Send this process's spans to a collector while inside; without an endpoint, none."""
    if not endpoint:
        yield
        return
    from mien_gateway.telemetry.otlp import make_provider  # noqa: PLC0415 - costs, see there

    provider = make_provider(service, endpoint, ratio)
    _Switch.tracer = provider.get_tracer(service)
    try:
        yield
    finally:
        _Switch.tracer = None
        provider.shutdown()  # sends what is left


def is_on() -> bool:
    """Whether spans are recorded at all; holds for the life of the process."""
    return _Switch.tracer is not None


def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, **attributes: str | int
) -> AbstractContextManager[Span]:
    """Record what happens inside as a part of the span under way."""
    tracer = _Switch.tracer
    return _NOTHING if tracer is None else _recorded(tracer, name, kind, attributes)


@contextmanager
def server_span(name: str, headers: Headers, attributes: Attributes) -> Iterator[Span]:
    """Record a request as a part of the caller's trace, where his headers tell of one."""
    tracer = _Switch.tracer or trace.NoOpTracer()
    with tracer.start_as_current_span(
        name,
        context=_callers(headers),
        kind=SpanKind.SERVER,
        attributes=attributes,
        # An exception's text may be a caller's.
        record_exception=False,
        set_status_on_exception=False,
    ) as recorded:
        yield recorded


def follow(headers: Headers) -> None:
    """Make what this task does a part of the caller's trace, for as long as the task lives."""
    attach(_callers(headers))


def annotate(**attributes: str | int) -> None:
    """Say something about the span under way."""
    if _Switch.tracer is not None:
        trace.get_current_span().set_attributes(_named(attributes))


def outgoing() -> list[tuple[str, str]]:
    """Return the headers that make another service's spans parts of this one."""
    if _Switch.tracer is None:
        return []
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return list(carrier.items())


def trace_id() -> str | None:
    """Return the id of the trace under way, as logs show it."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


@contextmanager
def _recorded(
    tracer: Tracer, name: str, kind: SpanKind, attributes: Mapping[str, str | int]
) -> Iterator[Span]:
    with tracer.start_as_current_span(
        name,
        kind=kind,
        attributes=_named({"outcome": OK, **attributes}),
        record_exception=False,
        set_status_on_exception=False,
    ) as recorded:
        try:
            yield recorded
        except BaseException as error:
            recorded.set_attributes(_named({"outcome": outcome_of(error)}))
            if not isinstance(error, CallerError):
                recorded.set_status(StatusCode.ERROR)
            raise


def _named(attributes: Mapping[str, str | int]) -> Attributes:
    return {f"mien.{name}": value for name, value in attributes.items()}


def _callers(headers: Headers) -> Context:
    carrier = {}
    for name, value in headers:
        key = name if isinstance(name, str) else name.decode("latin-1")
        if key in _CARRIED:
            carrier[key] = value if isinstance(value, str) else value.decode("latin-1")
    return _PROPAGATOR.extract(carrier, Context())
