"""Whether a run was good enough, as an exit status that a pipeline understands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still good; 0 switches a limit off."""

    failure_ratio: float = 0.0
    p95_seconds: float = 0.0
    rate: float = 0.0
    """Requests a second, over all."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one kind of request."""

    name: str
    requests: int
    failures: int
    p95_seconds: float
    rate: float


def faults(figures: Sequence[Figures], limits: Limits) -> Iterator[str]:
    """Yield a sentence for everything that was not good enough; none means that all was."""
    if not sum(one.requests for one in figures):
        yield "nothing was asked: no request was completed"
        return
    for one in figures:
        ratio = one.failures / one.requests if one.requests else 0.0
        if ratio > limits.failure_ratio:
            yield (
                f"{one.name}: {one.failures} of {one.requests} failed ({ratio:.2%}), "
                f"allowed are {limits.failure_ratio:.2%}"
            )
        if limits.p95_seconds and one.p95_seconds > limits.p95_seconds:
            yield (
                f"{one.name}: p95 is {one.p95_seconds * 1000:.0f} ms, "
                f"allowed are {limits.p95_seconds * 1000:.0f} ms"
            )
    rate = sum(one.rate for one in figures)
    if limits.rate and rate < limits.rate:
        yield (
            f"{rate:.1f} requests a second were reached, {limits.rate:.1f} are asked for: "
            "either Mien is full, or the users are too few"
        )
