"""Counts a request, whatever became of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from mien_gateway.errors import GatewayError
from mien_gateway.metrics import Metrics


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
    left = (asyncio.CancelledError, GeneratorExit, *((gone,) if gone else ()))
    observation = Observation()
    started = perf_counter()
    outcome = "internal_error"
    metrics.in_flight.inc()
    try:
        yield observation
        outcome = "ok"
    except GatewayError as error:
        outcome = error.code
        raise
    except left:
        outcome = "cancelled"
        raise
    finally:
        metrics.in_flight.dec()
        metrics.count_request(transport, observation.model, outcome, perf_counter() - started)
