"""A run fails for what its limits say, and for nothing else."""

from mien_loadtests.verdict import Figures, Limits, faults

GOOD = Figures("POST m", requests=100, failures=1, p95_seconds=0.2, rate=3.0)
LIMITS = Limits(failure_ratio=0.01, p95_seconds=0.2, rate=3.0)


def test_what_is_within_all_limits_is_good() -> None:
    """The limits themselves are still good."""
    assert list(faults([GOOD], LIMITS)) == []
    assert list(faults([GOOD], Limits(failure_ratio=0.01))) == []


def test_each_limit_is_told_with_its_figures() -> None:
    """By the kind of request, but for the rate, which is one for all."""
    bad = Figures("gRPC m", requests=100, failures=2, p95_seconds=0.201, rate=-1.0)
    assert list(faults([GOOD, bad], LIMITS)) == [
        "gRPC m: 2 of 100 failed (2.00%), allowed are 1.00%",
        "gRPC m: p95 is 201 ms, allowed are 200 ms",
        (
            "2.0 requests a second were reached, 3.0 are asked for: "
            "either Mien is full, or the users are too few"
        ),
    ]


def test_a_run_without_requests_is_no_success() -> None:
    """Nothing failed, since nothing was asked."""
    nothing = Figures("POST m", requests=0, failures=0, p95_seconds=0.0, rate=0.0)
    assert list(faults([], Limits())) == list(faults([nothing], Limits()))
    assert list(faults([], Limits())) == ["nothing was asked: no request was completed"]
