"""A run fails for what its limits say, and for nothing else."""

from dataclasses import replace

from mien_loadtests.verdict import Figures, Limits, Overall, faults

GOOD = Figures("grpc m", 100, failures=1, p95_seconds=0.2, p99_seconds=0.4, rate=3.0)
LIMITS = Limits(
    failure_ratio=0.01,
    p95_seconds=0.2,
    p99_seconds=0.4,
    rate=3.0,
    pace=0.95,
    recovered_p95_seconds=0.3,
)
KEPT = Overall(pace=0.95, last_p95_seconds=0.3)


def test_what_is_within_all_limits_is_good() -> None:
    """The limits themselves are still good."""
    assert list(faults([GOOD], KEPT, LIMITS)) == []
    assert (
        list(faults([GOOD], Overall(pace=0, last_p95_seconds=9), Limits(failure_ratio=0.01))) == []
    )


def test_each_limit_is_told_with_its_figures() -> None:
    """By the kind of request, but for what is one for all."""
    bad = replace(GOOD, name="rest-raw m", failures=2, p95_seconds=0.201, p99_seconds=1, rate=-1.0)
    assert list(faults([GOOD, bad], Overall(0.9, 0.301), LIMITS)) == [
        "rest-raw m: 2 of 100 failed (2.00%), allowed are 1.00%",
        "rest-raw m: p95 is 201 ms, allowed are 200 ms",
        "rest-raw m: p99 is 1000 ms, allowed are 400 ms",
        (
            "2.0 requests a second were reached, 3.0 are asked for: "
            "either Mien is full, or the users are too few"
        ),
        (
            "90.0% of the due requests were begun, 95.0% are asked for: "
            "either Mien is full, or the users are too few for their rate"
        ),
        "the last stage: p95 is 301 ms, allowed are 300 ms",
    ]


def test_a_run_without_requests_is_no_success() -> None:
    """Nothing failed, since nothing was asked."""
    nothing = replace(GOOD, requests=0, failures=0)
    expected = ["nothing was asked: no request was completed"]
    assert list(faults([], KEPT, Limits())) == list(faults([nothing], KEPT, Limits())) == expected
