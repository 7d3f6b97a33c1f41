"""Counts in memory: right, and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.auth.rate_limit import InMemoryCounter


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9))))
def test_counts_add_up(spent: list[tuple[str, int]]) -> None:
    """Each key by itself."""
    counts = InMemoryCounter()
    totals = dict.fromkeys("abc", 0)
    for key, cost in spent:
        totals[key] += cost
        assert counts.add(key, cost, 0, 1) == totals[key]


def test_what_has_ended_is_forgotten() -> None:
    """So that a long life takes no more memory than a short one."""
    counts = InMemoryCounter()
    for second in range(20_000):
        counts.add(str(second), 1, second, second + 10)
        assert len(counts) <= 1001
    assert counts.add("19999", 1, 20_000, 20_009) == 2


def test_there_are_never_too_many() -> None:
    """Whoever comes from a million addresses fills no memory; the newest are still known."""
    counts = InMemoryCounter(most=5000)
    for number in range(50_000):
        counts.add(str(number), 1, 0, 1)
        assert len(counts) <= 5001
    assert counts.add("49999", 1, 0, 1) == 2
