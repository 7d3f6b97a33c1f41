"""What a run with several stages says of each, and at which rate it found the system full."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from mien_loadtests.saturation import saturation
from mien_loadtests.scenario import Scenario
from mien_loadtests.stages import StageFigures

_HEAD = (
    f"{'users':>6} {'seconds':>8} {'a second':>9} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} failed"
)


def summary(scenario: Scenario, stages: Sequence[StageFigures]) -> Iterator[str]:
    """Yield the lines; none for a run of a single stage."""
    if len(stages) < 2:  # noqa: PLR2004 - one stage is what Locust's own table shows
        return
    yield f"Stages of {scenario.name}, right answers:"
    yield _HEAD
    for stage in stages:
        times = (stage.p50_seconds, stage.p95_seconds, stage.p99_seconds)
        yield (
            f"{stage.users:6} {stage.seconds:8.1f} {stage.rate:9.1f} "
            + " ".join(f"{seconds * 1000:7.0f}" for seconds in times)
            + f" {stage.failures:6}"
        )
    if all(before.users < after.users for before, after in pairwise(stages)):
        yield _saturation(scenario, stages)
    yield ""


def _saturation(scenario: Scenario, stages: Sequence[StageFigures]) -> str:
    found = saturation(stages, scenario.limits.p95_seconds)
    if found is None:
        best = max(stage.rate for stage in stages)
        return f"Not saturated by {stages[-1].users} users: {best:.1f} requests a second."
    return (
        f"Saturated at {found.rate:.1f} requests a second, with {found.users} users: "
        f"{found.reason}."
    )
