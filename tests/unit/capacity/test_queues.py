"""One part's queue: nothing is lost, nothing is made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.queues import Queue
from mien_capacity.stations import PodSize, Scaling, Start, Station

STATION = Station(
    name="detector",
    part="face-detector",
    cpu_ms=10,
    service_seconds=0.01,
    slots=2,
    queue=30,
    size=PodSize(2, 1),
    start=Start(1, 1, 1),
    scaling=Scaling("none", 1),
)


@given(st.lists(st.tuples(st.floats(0, 2000), st.integers(0, 8)), min_size=1, max_size=40))
def test_what_comes_is_done_waits_or_is_refused(seconds: list[tuple[float, int]]) -> None:
    """In every second, whatever happens to the pods."""
    queue = Queue(STATION)
    for offered, serving in seconds:
        before = queue.backlog
        found = queue.step(offered, serving)
        assert before + offered == pytest.approx(found.done + found.refused + queue.backlog)
        assert found.done <= serving * STATION.pod_rate + 1e-9
        assert queue.backlog <= serving * STATION.queue
        assert found.delay.mean <= 0.01 + STATION.queue / STATION.pod_rate + 1e-9


def test_a_backlog_is_worked_off_and_waited_in() -> None:
    """One pod does 200 a second; 20 too many wait a tenth of a second."""
    queue = Queue(STATION)
    assert queue.step(220, 1).delay.mean == pytest.approx(0.01 + 0.1)
    assert queue.backlog == pytest.approx(20)
    assert queue.step(100, 1).done == pytest.approx(120)
    assert queue.backlog == 0


def test_without_pods_all_is_refused() -> None:
    """Also what waited."""
    queue = Queue(STATION)
    queue.step(220, 1)
    assert queue.step(5, 0).refused == pytest.approx(25)


def test_a_limit_refuses_at_the_door() -> None:
    """However much could be done."""
    found = Queue(STATION).step(100, 1, limit=40)
    assert (found.done, found.refused) == (40, 60)
