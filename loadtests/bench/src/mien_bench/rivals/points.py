"""Measures one point: a system, a picture, so many clients."""

import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mien_bench.measuring.figures import percentile
from mien_bench.measuring.load import closed_loop
from mien_bench.rivals.asking import Client
from mien_bench.rivals.processes import tree

_MILLI = 1e3
# Rounds of all clients that a point lasts at least: otherwise a slow system's rate would hang
# on whether a wave of answers came just before or just after the end.
_WAVES = 2


@dataclass(frozen=True, slots=True)
class Point:
    """What is measured at once."""

    picture: str
    faces: int
    clients: int


@dataclass(frozen=True, slots=True)
class Row:
    """One measured point of one round: a line of the raw data."""

    round: int
    system: str
    picture: str
    clients: int
    seconds: float
    answers: int
    rate: float
    """Right answers a second."""
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Processor time of all the system's processes per right answer."""
    failures: int
    failure: str
    """The first one, in words."""


async def measure(
    client: Client,
    point: Point,
    pictures: Iterator[bytes],
    pids: Sequence[int],
    seconds: float,
    round_number: int,
) -> Row:
    """Measure the point.

    Args:
        client: of the system, open.
        point: what is asked, by how many.
        pictures: an endless supply.
        pids: the system's processes; their children count too.
        seconds: for how long at least, after a warm-up of a quarter of it.
        round_number: for the row.
    """
    seconds = max(seconds, _WAVES * point.clients * await _alone(client, point, pictures))
    warm_up = seconds / 4
    ask = functools.partial(client.check, count=point.faces)
    client.answered.clear()
    before, begin = cpu_seconds(pids), time.perf_counter()
    measured = await closed_loop([ask] * point.clients, pictures, seconds, warm_up)
    used = cpu_seconds(pids) - before
    # Answers, not requests, within the time: the first and the last wave of a slow system, which
    # were asked before or end after it, count by what fell into it.
    end = begin + warm_up + seconds
    within = sum(begin + warm_up <= moment < end for moment in client.answered)
    return Row(
        round=round_number,
        system=client.system.name,
        picture=point.picture,
        clients=point.clients,
        seconds=seconds,
        answers=len(measured.latencies),
        rate=within / seconds,
        p50_ms=percentile(measured.latencies, 0.5) * _MILLI,
        p99_ms=percentile(measured.latencies, 0.99) * _MILLI,
        cpu_ms=used / max(len(client.answered), 1) * _MILLI,
        failures=len(measured.failures),
        failure=measured.failures[0] if measured.failures else "",
    )


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time so far of these processes and their children."""
    times = [process.cpu_times() for process in tree(pids)]
    return sum(one.user + one.system for one in times)


async def _alone(client: Client, point: Point, pictures: Iterator[bytes]) -> float:
    """Return how long one request takes when nobody else asks; the quicker of two."""
    taken = []
    for _ in range(2):
        begin = time.perf_counter()
        await client.check(next(pictures), point.faces)
        taken.append(time.perf_counter() - begin)
    return min(taken)
