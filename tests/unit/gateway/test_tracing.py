"""Traces cost nothing while they are off, and go where and as often as they are told."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from mien_detector import telemetry
from mien_gateway.errors import EmptyImageError, OverloadedError
from mien_gateway.telemetry import tracing
from tests.fakes.otlp import Collector, collecting

SAMPLED = (("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),)
UNSAMPLED = (("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"),)

Traced = Callable[[str, str, float], AbstractContextManager[None]]
both = pytest.mark.parametrize(
    "traced", [tracing.traced, telemetry.traced], ids=["gateway", "detector"]
)


@both
def test_off_is_off(traced: Traced) -> None:
    """No thread is started, and a span is the same object every time."""
    before = threading.active_count()
    with traced("test", "", 1):
        assert not tracing.is_on()
        assert threading.active_count() == before
        assert tracing.span("detect") is tracing.span("infer", batch_size=3)
        assert telemetry.span("decode") is telemetry.server_span("call", SAMPLED)
        tracing.annotate(outcome="ok")
        assert tracing.outgoing() == []
        assert tracing.trace_id() is None


@pytest.mark.parametrize("module", ["mien_gateway.app", "mien_detector.app"])
def test_what_sends_is_loaded_only_where_it_is_needed(module: str) -> None:
    """It costs a twentieth of a second and megabytes."""
    check = f"import sys, {module}; print('opentelemetry.exporter' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def record(headers: tracing.Headers, ratio: float) -> Collector:
    with collecting() as collector:
        with (
            tracing.traced("test", collector.url, ratio),
            tracing.server_span("request", headers, {}),
            tracing.span("part"),
        ):
            pass
        return collector


@pytest.mark.parametrize(
    ("headers", "ratio", "spans"),
    [((), 1, 2), ((), 0, 0), (SAMPLED, 0, 2), (UNSAMPLED, 1, 0), ((("traceparent", "?"),), 1, 2)],
    ids=["all", "none", "the caller wants it", "the caller does not", "the caller is confused"],
)
def test_the_caller_decides_and_else_the_ratio(
    headers: tracing.Headers, ratio: float, spans: int
) -> None:
    """Whether a request is recorded, with all its parts."""
    assert len(record(headers, ratio).spans) == spans


def test_an_undecided_share_is_recorded() -> None:
    """About as many as the ratio says."""
    with collecting() as collector:
        with tracing.traced("test", collector.url, 0.25):
            for _ in range(400):
                with tracing.server_span("request", (), {}):
                    pass
        assert 50 < len(collector.spans) < 150


@pytest.mark.parametrize(
    ("error", "outcome", "failed"),
    [
        (EmptyImageError(), "empty_image", False),
        (OverloadedError(), "overloaded", True),
        (ZeroDivisionError("a caller's secret"), "internal_error", True),
    ],
)
def test_an_error_leaves_its_code_and_no_word_of_its_text(
    error: Exception, outcome: str, failed: bool
) -> None:
    """A caller's fault is no fault of the span."""
    with collecting() as collector:
        with (
            tracing.traced("test", collector.url, 1),
            pytest.raises(type(error)),
            tracing.span("part"),
        ):
            raise error
        (span,) = collector.spans
    assert (span.attributes, span.failed) == ({"mien.outcome": outcome}, failed)
    assert b"secret" not in collector.raw[0]


@both
def test_a_collector_that_is_away_does_not_hold_up_the_end(traced: Traced) -> None:
    """Its spans are lost, and that is all."""
    started = time.monotonic()
    with (
        traced("test", "http://127.0.0.1:1", 1),
        tracing.span("part"),
        telemetry.span("part"),
    ):
        pass
    assert time.monotonic() - started < 6
