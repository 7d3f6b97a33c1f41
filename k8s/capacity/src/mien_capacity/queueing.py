"""How long calls wait, in closed form.

Each pod is a queue of its own, M/M/s: calls come at random (many gateways deal them out in turn,
each in its own order), `s` are worked on at a time, and service times are taken as exponential.
They vary less in truth, so waits come out long rather than short. What the formula cannot say, a
queue that grows while there is too little of everything, the simulation adds as a backlog.

A frame passes several queues. The time of the whole is taken as a gamma distribution with the
sum of the means and of the variances: exact for one queue that is never waited in, within a few
per cent of a simulation of single calls for the rest (tests/unit/capacity/test_queueing.py).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_Z95 = 1.6448536269514722
_EXPONENTIAL_P95 = -math.log(0.05)


@dataclass(frozen=True, slots=True)
class Delay:
    """Mean and variance of a time, in seconds."""

    mean: float
    variance: float


NO_DELAY = Delay(0.0, 0.0)


def waiting_probability(servers: int, load: float) -> float:
    """Return Erlang's C: the share of calls that wait, for a load (rate x service time) < servers.

    By the recursion of Erlang's B, which does not overflow.
    """
    if load >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def response(rate: float, service_seconds: float, servers: int) -> Delay:
    """Return the time in one M/M/s queue, service included; the load must be below `servers`."""
    load = rate * service_seconds
    waits = waiting_probability(servers, load)
    drain = (servers - load) / service_seconds
    mean = waits / drain
    # Whoever waits does so for an exponential time: E[W^2] = 2 C / drain^2.
    variance = 2 * waits / drain**2 - mean**2
    return Delay(mean + service_seconds, variance + service_seconds**2)


def in_series(delays: Iterable[Delay]) -> Delay:
    """Return the time through all of them, taken as independent (as Jackson's theorem has it)."""
    mean = variance = 0.0
    for delay in delays:
        mean += delay.mean
        variance += delay.variance
    return Delay(mean, variance)


def p95(delay: Delay) -> float:
    """Return the time that 95 of 100 stay below: a gamma's, by Wilson's and Hilferty's formula.

    For shapes below 1 (long waits of a few) the formula is poor, and an exponential of the same
    mean, stretched by the coefficient of variation, is nearer.
    """
    if delay.mean <= 0:
        return 0.0
    if delay.variance <= 0:
        return delay.mean
    shape = delay.mean**2 / delay.variance
    if shape < 1:
        return delay.mean * _EXPONENTIAL_P95 / math.sqrt(shape)
    ninth = 1 / (9 * shape)
    return float(delay.mean * (1 - ninth + _Z95 * math.sqrt(ninth)) ** 3)
