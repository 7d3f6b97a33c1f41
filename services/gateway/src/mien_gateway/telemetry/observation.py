"""Counts a request, whatever became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.outcomes import CANCELLED, OK, outcome_of
from mien_gateway.telemetry.tracing import annotate


class Observation:
    """What is known so far about the request under way."""

    model = "unknown"
    """A served model's name, once one was resolved: no caller's words reach a label."""


@contextmanager
def observed(
    metrics: Metrics, transport: str, gone: type[Exception] | None = None
) -> Iterator[Observation]:
    """Count what happens inside as one request, with its outcome and time.

    `gone` is what the transport raises when the caller has left.
    """
    observation = Observation()
    started = perf_counter()
    outcome = OK
    metrics.in_flight.inc()
    try:
        yield observation
    except BaseException as error:
        outcome = CANCELLED if gone and isinstance(error, gone) else outcome_of(error)
        raise
    finally:
        metrics.in_flight.dec()
        metrics.count_request(transport, observation.model, outcome, perf_counter() - started)
        annotate(outcome=outcome, model=observation.model)
