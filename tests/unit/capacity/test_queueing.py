"""Waiting times, against closed forms and against single calls that are simulated."""

import heapq
import math
from random import Random
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_capacity.queueing import Delay, in_series, p95, response, waiting_probability

CALLS = 120_000


def simulated_p95(rate: float, stations: list[tuple[float, int]], seed: int = 3) -> float:
    """Send calls through queues in a row, each (service seconds, servers), first come first."""
    random = Random(seed)
    arrivals, now = [], 0.0
    for _ in range(CALLS):
        now += random.expovariate(rate)
        arrivals.append(now)
    times = list(arrivals)
    for service, servers in stations:
        free = [0.0] * servers
        order = sorted(range(CALLS), key=times.__getitem__)
        for call in order:
            start = max(times[call], heapq.heappop(free))
            times[call] = start + random.expovariate(1 / service)
            heapq.heappush(free, times[call])
    took = [end - begin for begin, end in zip(arrivals, times, strict=True)]
    return quantiles(took[CALLS // 20 :], n=20)[-1]


@given(st.floats(0.01, 0.98))
def test_one_server_is_the_closed_form(load: float) -> None:
    """M/M/1: the share that waits is the load, the time is exponential: mean 1 / (mu - rate)."""
    assert waiting_probability(1, load) == pytest.approx(load)
    delay = response(load, 1.0, 1)
    assert delay.mean == pytest.approx(1 / (1 - load))
    assert delay.variance == pytest.approx(1 / (1 - load) ** 2)
    assert p95(delay) == pytest.approx(-math.log(0.05) / (1 - load), rel=0.01)


@given(st.integers(1, 60), st.floats(0.01, 0.97))
def test_erlang_c_by_its_definition(servers: int, share: float) -> None:
    """The sum that the recursion replaces."""
    load = servers * share
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) / (1 - share)
    assert waiting_probability(servers, load) == pytest.approx(last / (sum(terms) + last))


def test_a_full_queue_makes_everybody_wait() -> None:
    """At and beyond what the servers can do."""
    assert waiting_probability(2, 2.0) == waiting_probability(2, 3.0) == 1


@given(st.integers(1, 8), st.floats(0.05, 0.9), st.floats(0.01, 0.05))
def test_more_load_never_means_less_time(servers: int, share: float, more: float) -> None:
    """Nor do more servers make it longer."""
    rate = servers * share
    delay = response(rate, 1.0, servers)
    assert response(rate + servers * more, 1.0, servers).mean >= delay.mean
    assert response(rate, 1.0, servers + 1).mean <= delay.mean


@pytest.mark.parametrize(
    ("rate", "stations"),
    [
        pytest.param(60, [(0.012, 1)], id="one server, 72 %"),
        pytest.param(140, [(0.012, 2)], id="two servers, 84 %"),
        pytest.param(100, [(0.004, 1), (0.012, 2), (0.006, 1)], id="a frame, 40, 60, 60 %"),
        pytest.param(150, [(0.004, 1), (0.012, 2), (0.006, 1)], id="a frame, 60, 90, 90 %"),
    ],
)
def test_single_calls_take_as_long(rate: float, stations: list[tuple[float, int]]) -> None:
    """Within a tenth of what a simulation of every call shows."""
    whole = in_series(response(rate, service, servers) for service, servers in stations)
    assert p95(whole) == pytest.approx(simulated_p95(rate, stations), rel=0.1)


def test_nothing_takes_no_time() -> None:
    """And what never varies takes what it takes."""
    assert p95(Delay(0, 0)) == 0
    assert p95(Delay(0.2, 0)) == 0.2
