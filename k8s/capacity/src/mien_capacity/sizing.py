"""How many pods a steady load needs: where the autoscalers come to rest."""

import math
from dataclasses import dataclass

from mien_capacity.inputs import Assumed, Measured
from mien_capacity.queueing import p95, response
from mien_capacity.scenarios import Prepared
from mien_capacity.stations import Station, Target
from mien_capacity.system import System

_FULLEST = 0.95
_BITS = 8
_HEADERS_BYTES = 600
"""HTTP or gRPC, TLS and TCP around a picture, roughly."""


@dataclass(frozen=True, slots=True)
class Need:
    """One part at a steady load."""

    station: Station
    rate: float
    """Calls a second."""
    pods: int
    bound: bool
    """Whether the autoscaler's largest number stops it."""

    @property
    def busy(self) -> float:
        """Share of what the pods can do."""
        return self.rate / (self.pods * self.station.pod_rate) if self.pods else 0.0


@dataclass(frozen=True, slots=True)
class RedisNeed:
    """What one release asks of its Redis."""

    operations: float
    busy: float
    """Share of one core."""
    keys_per_second: float
    retention_seconds: float
    """How long an entry stays until the memory is full, if not for the whole of its hour."""
    bytes_for_an_hour: float


@dataclass(frozen=True, slots=True)
class Network:
    """Bits a second of one release."""

    ingress: float
    detector: float
    answers: float


def needs(system: System, frames: float) -> list[Need]:
    """Return every part's need for so many frames a second."""
    asked = system.work
    pools = [
        _need(pool, frames * asked.predictions * _share(system, pool)) for pool in system.pools
    ]
    return [
        _need(system.gateway, frames),
        _need(system.detector, frames * asked.detections),
        *pools,
    ]


def redis_need(system: System, measured: Measured, frames: float) -> RedisNeed:
    """Return operations, CPU and memory; entries are kept for an hour, if there is room."""
    keys = frames * system.work.redis_keys
    hour = keys * 3600 * measured.redis.bytes_per_key
    return RedisNeed(
        operations=frames * system.work.redis_operations,
        busy=frames * system.work.redis_ms / 1000,
        keys_per_second=keys,
        retention_seconds=min(3600.0, 3600 * system.redis_bytes / hour) if hour else 3600.0,
        bytes_for_an_hour=hour,
    )


def network(prepared: Prepared, measured: Measured, frames: float) -> Network:
    """Return what the pictures and the answers are in bits a second."""
    mix, asked = prepared.scenario.mix, prepared.system.work
    picture = mix.frame_bytes + _HEADERS_BYTES
    answer = measured.case("new").answer_bytes + _HEADERS_BYTES
    return Network(
        ingress=frames * picture * _BITS,
        detector=frames * asked.detections * picture * _BITS,
        answers=frames * answer * _BITS,
    )


def price_per_hour(found: list[Need], system: System, assumed: Assumed) -> float:
    """Return what these pods, and Redis, ask for, priced."""
    prices = assumed.prices
    sizes = [(need.pods, need.station.size) for need in found]
    sizes.append((system.redis_pods, system.redis_size))
    return sum(
        pods
        * (
            size.cpu * prices.cpu_core_hour
            + size.memory_gib * prices.memory_gib_hour
            + size.gpus * prices.gpu_hour
        )
        for pods, size in sizes
    )


def _share(system: System, pool: Station) -> float:
    return system.mix.frameworks.get(pool.framework, 0.0) * pool.share


def _need(station: Station, rate: float) -> Need:
    scaling = station.scaling
    if scaling.kind == "none":
        return Need(station, rate, scaling.replicas, bound=False)
    wanted = max([_rest(station, rate, target) for target in scaling.targets] or [0])
    wanted = max(wanted, scaling.least, 1 if rate else 0)
    return Need(station, rate, min(wanted, scaling.most), bound=wanted > scaling.most)


def _rest(station: Station, rate: float, target: Target) -> int:
    """Return the fewest pods at which a metric asks for no more."""
    if not rate:
        return 0
    if target.signal == "cpu":
        cores = rate * station.cpu_ms / 1000
        return math.ceil(cores / (target.value * station.size.cpu))
    if target.signal == "rate":
        return math.ceil(rate / target.value)
    least = math.ceil(rate / (_FULLEST * station.pod_rate))
    pods = least
    while not _is_at_rest(station, rate, target, pods):
        pods += max(1, pods // 100)
    return pods


def _is_at_rest(station: Station, rate: float, target: Target, pods: int) -> bool:
    delay = response(rate / pods, station.service_seconds, station.slots)
    if target.signal == "p95":
        # Below what a call takes alone, pods do not help.
        return p95(delay) <= max(target.value, 4 * station.service_seconds)
    return rate / pods * delay.mean <= target.value
