"""A day of the system, second by second."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mien_capacity.autoscaling.hpa import SYNC_SECONDS, Bounds, HorizontalPodAutoscaler
from mien_capacity.autoscaling.keda import ScaledObject
from mien_capacity.inputs import Assumed
from mien_capacity.pods import Pods
from mien_capacity.queueing import NO_DELAY, Delay, in_series, p95
from mien_capacity.queues import Queue, Second
from mien_capacity.signals import Record, Series, Signals
from mien_capacity.stations import Station
from mien_capacity.system import System

_HOUR = 3600


@dataclass(slots=True)
class Day:
    """What was simulated: each station's record, and the frames'."""

    frames: Series
    stations: dict[str, Record]
    answered: Series = field(init=False)
    refused: Series = field(init=False)
    p95: Series = field(init=False)
    """Of frames that nothing is known of, seconds."""
    redis_load: Series = field(init=False)
    """Share of what one Redis can do."""
    cost: Series = field(init=False)
    """Of the pods' requests, in the prices' currency per hour."""

    def __post_init__(self) -> None:
        self.answered, self.refused, self.p95, self.redis_load, self.cost = (
            np.zeros(len(self.frames)) for _ in range(5)
        )


def simulate(
    system: System,
    frames: Series,
    assumed: Assumed,
    progress: Callable[[float], None] = lambda _: None,
) -> Day:
    """Run a day whose frames a second are given; `progress` is told the share that is done."""
    seconds = len(frames)
    parts = {
        station.name: _Part(station, seconds, assumed, frames[0]) for station in system.stations
    }
    day = Day(frames, {name: part.record for name, part in parts.items()})
    flow = _Flow(system, parts)
    for now in range(seconds):
        flow.step(now, float(frames[now]), day)
        for part in parts.values():
            part.scale(now)
        if now % _HOUR == 0:
            progress(now / seconds)
    day.cost = _cost(system, day, assumed)
    return day


class _Part:
    """A station with its pods, its queue and its autoscaler."""

    def __init__(self, station: Station, seconds: int, assumed: Assumed, frames: float) -> None:
        self.station = station
        self.record = Record(seconds)
        self.queue = Queue(station)
        self.pods = Pods(station.start, assumed.nodes.spare_share, assumed.nodes.keep_seconds)
        self.pods.begin(_pods_at_start(station, frames))
        self._signals = Signals(station, self.record, self.pods, assumed.metrics)
        scaling = station.scaling
        self._hpa = HorizontalPodAutoscaler(
            Bounds(max(1, scaling.least), max(1, scaling.most)), scaling.behavior
        )
        self._keda = ScaledObject(
            self._hpa, scaling.least, scaling.polling_seconds, scaling.cooldown_seconds
        )

    def step(self, now: int, offered: float, limit: float = float("inf")) -> Second:
        """Work for a second."""
        found = self.queue.step(offered, serving := self.pods.serving(now), limit)
        record = self.record
        record.offered[now] = offered
        record.done[now] = found.done
        record.refused[now] = found.refused
        record.backlog[now] = self.queue.backlog
        record.wanted[now] = self.pods.wanted
        record.ready[now] = self.pods.ready(now)
        record.cpu[now] = found.cpu
        record.pod_cpu[now] = found.cpu / serving if serving else 0.0
        record.in_flight[now] = found.done * found.delay.mean
        record.p95[now] = p95(found.delay) if found.done else 0.0
        return found

    def scale(self, now: int) -> None:
        """Let the autoscaler look, if it is time."""
        kind = self.station.scaling.kind
        wanted = current = self.pods.wanted
        if kind == "keda" and now % self.station.scaling.polling_seconds == 0:
            active = self._signals.is_active(now)
            wanted = self._keda.poll(wanted, active=active, now=now)
        if kind != "none" and now and now % SYNC_SECONDS == 0:
            proposals = self._signals.proposals(wanted, now)
            wanted = self._hpa.look(wanted, proposals, now)
        if wanted != current:
            self.pods.set(wanted, now)


@dataclass(slots=True)
class _Flow:
    """A frame's way: gateway, detector, one of the pools."""

    system: System
    parts: dict[str, _Part]
    _delay: Delay = NO_DELAY

    def step(self, now: int, frames: float, day: Day) -> None:
        """Send a second's frames through."""
        mix, asked = self.system.mix, self.system.work
        gateway = self.parts["gateway"]
        # A gateway keeps no more than its limit under way, whoever holds it up.
        most = gateway.pods.serving(now) * gateway.station.queue / max(self._delay.mean, 1e-3)
        entered = gateway.step(now, frames, most)
        load = entered.done * asked.redis_ms / 1000
        # A full Redis is not waited for: what it does not answer is computed.
        kept = min(1.0, 1 / load) if load else 1.0
        unknown = entered.done * (1 - mix.frame_hits * kept)
        detected = self.parts["detector"].step(now, unknown)
        calls = detected.done * (1 - mix.empty) * (1 - mix.face_hits * kept)
        lost, predicted = self._predict(now, calls)
        self._delay = in_series((entered.delay, detected.delay, predicted))
        day.refused[now] = entered.refused + detected.refused + lost
        day.answered[now] = max(0.0, entered.done - detected.refused - lost)
        day.p95[now] = p95(self._delay) if detected.done else 0.0
        day.redis_load[now] = load

    def _predict(self, now: int, calls: float) -> tuple[float, Delay]:
        """Ask the pools for their shares; returns what was refused and how long the others took."""
        lost = done = mean = square = 0.0
        shares = _shares(self.system, now)
        for pool in self.system.pools:
            part = self.parts[pool.name].step(
                now, calls * shares.get(pool.framework, 0) * pool.share
            )
            lost += part.refused
            done += part.done
            mean += part.done * part.delay.mean
            square += part.done * (part.delay.variance + part.delay.mean**2)
        if not done:
            return lost, NO_DELAY
        mean /= done
        return lost, Delay(mean, max(0.0, square / done - mean**2))


def _shares(system: System, now: int) -> dict[str, float]:
    """Return each framework's share of the calls at this time of the day."""
    hour = now / _HOUR % 24
    asked = {
        name: share
        for name, share in system.mix.frameworks.items()
        if name not in system.mix.hours
        or system.mix.hours[name][0] <= hour < system.mix.hours[name][1]
    }
    whole = sum(asked.values()) or 1.0
    return {name: share / whole for name, share in asked.items()}


def _pods_at_start(station: Station, frames: float) -> int:
    """Return what a settled autoscaler would have at the first second, roughly."""
    scaling = station.scaling
    if scaling.kind == "none":
        return scaling.replicas
    needed = int(1.4 * frames * station.service_seconds / station.slots) + 1
    return min(max(scaling.least, needed if scaling.least else 0), scaling.most)


def _cost(system: System, day: Day, assumed: Assumed) -> Series:
    """Return what the pods that exist ask for, priced."""
    prices = assumed.prices

    def price(cpu: float, memory_gib: float, gpus: int) -> float:
        return (
            cpu * prices.cpu_core_hour
            + memory_gib * prices.memory_gib_hour
            + gpus * prices.gpu_hour
        )

    redis = system.redis_size
    total = np.full(len(day.frames), system.redis_pods * price(redis.cpu, redis.memory_gib, 0))
    for station in system.stations:
        size = station.size
        each = price(size.cpu, size.memory_gib, size.gpus)
        total += day.stations[station.name].wanted * each
    return total
