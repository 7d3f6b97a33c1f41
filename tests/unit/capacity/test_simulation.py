"""The system as a whole: small days, seen from outside."""

from dataclasses import replace

import numpy as np
import pytest

from mien_capacity.inputs import Assumed, Measured
from mien_capacity.scenarios import Prepared, prepare
from mien_capacity.simulation import Day, simulate
from mien_capacity.sizing import needs
from mien_capacity.stations import Station

HOUR = 3600


@pytest.fixture(scope="module")
def thousand(measured: Measured, assumed: Assumed) -> Prepared:
    """The scenario in which every part scales."""
    return prepare("1000", measured, assumed)


def steady(prepared: Prepared, assumed: Assumed, frames: float, seconds: int = HOUR) -> Day:
    return simulate(prepared.system, np.full(seconds, frames), assumed)


@pytest.mark.parametrize("frames", [100.0, 400.0, 1000.0])
def test_a_steady_load_comes_to_rest_where_the_sizing_says(
    thousand: Prepared, assumed: Assumed, frames: float
) -> None:
    """Within what the tolerance of a tenth leaves open; nothing waits, nothing is refused."""
    day = steady(thousand, assumed, frames)
    for need in needs(thousand.system, frames):
        rest = day.stations[need.station.name].wanted[-1]
        assert 0.85 * need.pods - 1 <= rest <= 1.25 * need.pods + 1, need.station.name
        assert day.stations[need.station.name].backlog[-1] == 0
    assert day.refused[-600:].sum() == 0


def test_every_frame_is_answered_refused_or_waits(thousand: Prepared, assumed: Assumed) -> None:
    """Also in a jump from little to far too much."""
    frames = np.concatenate([np.full(600, 50.0), np.full(300, 3000.0), np.full(900, 50.0)])
    day = simulate(thousand.system, frames, assumed)
    assert day.refused.sum() > 0
    assert (day.answered + day.refused).sum() == pytest.approx(frames.sum(), rel=0.02)
    assert day.refused[-300:].sum() == 0


def test_more_pods_come_when_they_are_needed_and_go_later(
    thousand: Prepared, assumed: Assumed
) -> None:
    """Up within two minutes, down only after the window."""
    frames = np.concatenate([np.full(900, 100.0), np.full(900, 800.0), np.full(1800, 100.0)])
    wanted = simulate(thousand.system, frames, assumed).stations["detector"].wanted
    window = thousand.system.detector.scaling.behavior.scale_down.stabilization_window_seconds
    assert wanted[900 + 120] > wanted[899]
    assert wanted[1800 + window - 30] >= wanted[1799]
    assert wanted[-1] == wanted[899]


def test_the_bounds_hold(thousand: Prepared, assumed: Assumed) -> None:
    """However many frames come."""
    frames = np.concatenate([np.full(300, 1.0), np.full(900, 1e5)])
    day = simulate(thousand.system, frames, assumed)
    for station in thousand.system.stations:
        wanted = day.stations[station.name].wanted
        assert wanted.min() >= station.scaling.least
        assert wanted.max() <= station.scaling.most


def test_a_pool_sleeps_and_wakes(measured: Measured, assumed: Assumed) -> None:
    """Who wakes it is refused until it serves; ten minutes without a call end its last pod."""
    prepared = prepare("10", measured, assumed)
    pool = "tensorflow-cpu"
    mix = prepared.system.mix.model_copy(update={"hours": {"tensorflow": (0.25, 0.5)}})
    awake = replace(prepared, system=replace(prepared.system, mix=mix))
    day = steady(awake, assumed, 10.0)
    record = day.stations[pool]
    assert record.wanted[: HOUR // 4].max() == 0
    first = int(np.flatnonzero(record.ready)[0])
    assert HOUR // 4 < first < HOUR // 4 + 180
    assert record.refused[HOUR // 4 : first].sum() > 0
    assert record.refused[first + 60 : HOUR // 2].sum() == 0
    cooldown = prepared.system.pools[1].scaling.cooldown_seconds
    assert record.wanted[HOUR // 2 + cooldown - 1] == 1
    assert record.wanted[-1] == 0


def test_a_full_redis_only_hits_less(thousand: Prepared, assumed: Assumed) -> None:
    """Its answers are computed instead: the detector gets more, nobody is refused for it."""
    slow = replace(thousand.system.work, redis_ms=100 * thousand.system.work.redis_ms)
    full = replace(thousand, system=replace(thousand.system, work=slow))
    usual, loaded = (steady(each, assumed, 600.0) for each in (thousand, full))
    assert loaded.redis_load[-1] > 1 > usual.redis_load[-1]
    assert loaded.stations["detector"].offered[-1] > usual.stations["detector"].offered[-1]
    assert loaded.refused[-600:].sum() == 0


def test_cost_is_what_the_pods_ask_for(thousand: Prepared, assumed: Assumed) -> None:
    """By the prices that were given."""
    prices, system = assumed.prices, thousand.system

    def price(station: Station) -> float:
        size = station.size
        memory = size.memory_gib * prices.memory_gib_hour
        return size.cpu * prices.cpu_core_hour + memory + size.gpus * prices.gpu_hour

    day = steady(thousand, assumed, 10.0)
    redis = system.redis_size
    expected = redis.cpu * prices.cpu_core_hour + redis.memory_gib * prices.memory_gib_hour
    expected += sum(
        day.stations[station.name].wanted[-1] * price(station) for station in system.stations
    )
    assert day.cost[-1] == pytest.approx(expected)
