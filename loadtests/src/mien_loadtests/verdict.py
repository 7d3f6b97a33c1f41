"""Whether a run was good enough, as an exit status that a pipeline understands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still good; 0 switches a limit off."""

    failure_ratio: float = 0.0
    """Of each kind of request, 0 to 1; this one is always on."""
    p95_seconds: float = 0.0
    p99_seconds: float = 0.0
    rate: float = 0.0
    """Requests a second, over all."""
    pace: float = 0.0
    """The share of the requests that were due and were begun, 0 to 1."""
    recovered_p95_seconds: float = 0.0
    """In the last stage, over all requests."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one kind of request."""

    name: str
    requests: int
    failures: int
    p95_seconds: float
    p99_seconds: float
    rate: float


@dataclass(frozen=True, slots=True)
class Overall:
    """What was measured over all kinds."""

    pace: float = 1.0
    last_p95_seconds: float = 0.0
    """In the last stage."""


def faults(figures: Sequence[Figures], overall: Overall, limits: Limits) -> Iterator[str]:
    """Yield a sentence for everything that was not good enough; none means that all was."""
    if not sum(one.requests for one in figures):
        yield "nothing was asked: no request was completed"
        return
    for one in figures:
        yield from _faults_of_kind(one, limits)
    rate = sum(one.rate for one in figures)
    if rate < limits.rate:
        yield (
            f"{rate:.1f} requests a second were reached, {limits.rate:.1f} are asked for: "
            "either Mien is full, or the users are too few"
        )
    if overall.pace < limits.pace:
        yield (
            f"{overall.pace:.1%} of the due requests were begun, {limits.pace:.1%} are asked for: "
            "either Mien is full, or the users are too few for their rate"
        )
    yield from _too_slow(
        "the last stage", "p95", overall.last_p95_seconds, limits.recovered_p95_seconds
    )


def _faults_of_kind(one: Figures, limits: Limits) -> Iterator[str]:
    ratio = one.failures / one.requests if one.requests else 0.0
    if ratio > limits.failure_ratio:
        yield (
            f"{one.name}: {one.failures} of {one.requests} failed ({ratio:.2%}), "
            f"allowed are {limits.failure_ratio:.2%}"
        )
    yield from _too_slow(one.name, "p95", one.p95_seconds, limits.p95_seconds)
    yield from _too_slow(one.name, "p99", one.p99_seconds, limits.p99_seconds)


def _too_slow(name: str, what: str, seconds: float, limit: float) -> Iterator[str]:
    if limit and seconds > limit:
        yield f"{name}: {what} is {seconds * 1000:.0f} ms, allowed are {limit * 1000:.0f} ms"
