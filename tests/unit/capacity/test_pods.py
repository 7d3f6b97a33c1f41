"""Pods that start, are found, and go."""

from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.pods import Pods
from mien_capacity.stations import Start

START = Start(warm_seconds=5, node_seconds=80, pull_seconds=15, traffic_seconds=30)


def pods(count: int) -> Pods:
    made = Pods(START, spare_share=0.25, keep_seconds=600)
    made.begin(count)
    return made


def test_a_pod_is_ready_after_its_start_and_found_later() -> None:
    """On a machine with room; what does not fit waits for another machine."""
    made = pods(8)
    made.set(12, now=10)
    assert (made.wanted, made.ready(14), made.serving(14)) == (12, 8, 8)
    # A quarter of eight fits.
    assert (made.ready(15), made.serving(44), made.serving(45)) == (10, 8, 10)
    assert (made.ready(109), made.ready(110)) == (10, 12)


def test_small_steps_need_machines_too() -> None:
    """The room does not grow by being asked for; what was ordered too much is used."""
    made = pods(8)
    for step, count in enumerate((9, 10, 11, 12, 13)):
        made.set(count, now=step * 15)
    assert made.ready(65) == 10
    # The machine that was ordered for the eleventh takes the twelfth, another one the thirteenth.
    assert (made.ready(129), made.ready(130), made.ready(159), made.ready(160)) == (10, 12, 12, 13)


def test_the_newest_pods_end_first() -> None:
    """Those that do not serve yet are no loss."""
    made = pods(4)
    made.set(6, now=0)
    made.set(4, now=2)
    assert made.wanted == made.ready(2) == 4


def test_an_empty_machine_stays_a_while() -> None:
    """Pods that come back within ten minutes find their machine."""
    made = pods(20)
    made.set(2, now=100)
    made.set(20, now=500)
    assert made.ready(505) == 20
    made.set(2, now=600)
    made.set(20, now=1300)
    assert made.ready(1305) < 20


@given(st.lists(st.integers(0, 30), max_size=30))
def test_there_are_as_many_as_were_asked_for(wanted: list[int]) -> None:
    """And never more ready than there are, nor more found than ready."""
    made = pods(3)
    for step, count in enumerate(wanted):
        now = step * 15.0
        made.set(count, now)
        assert made.wanted == count
        assert made.serving(now) <= made.ready(now) <= count
