"""The system that is simulated: the chart's parts, with what a call costs them here."""

from dataclasses import dataclass
from typing import Any

from mien_capacity.chart import Values, pod_size, pools, quantity, scaling_by_cpu, scaling_of_pool
from mien_capacity.inputs import Assumed, Measured
from mien_capacity.mix import Mix, Work, model_ms, work
from mien_capacity.stations import PodSize, Start, Station

_DETECTION_SIDE = "MIEN_DETECTOR_DETECTION_SIDE"
_PARTS = {"pytorch": "torchserve", "tensorflow": "tensorflow"}


@dataclass(frozen=True, slots=True)
class System:
    """All stations of one release, and what a frame asks of them."""

    mix: Mix
    work: Work
    gateway: Station
    detector: Station
    pools: tuple[Station, ...]
    redis_size: PodSize
    redis_bytes: float
    """Memory for entries."""
    redis_pods: int

    @property
    def stations(self) -> tuple[Station, ...]:
        """Everything that scales, in the order of a frame's way."""
        return (self.gateway, self.detector, *self.pools)


def system(values: Values, mix: Mix, measured: Measured, assumed: Assumed) -> System:
    """Put the system together as the chart would."""
    detector = values["detector"]
    side = (detector.get("env") or {}).get(_DETECTION_SIDE, "640")
    asked = work(mix, measured, f"yunet-{side}")
    inside = values["redis"]["mode"] == "internal"
    return System(
        mix=mix,
        work=asked,
        gateway=_gateway(values["gateway"], asked, measured, assumed),
        detector=_detector(detector, asked, measured, assumed),
        pools=tuple(_pool(each, values, mix, measured, assumed) for each in pools(values)),
        redis_size=pod_size(values["redis"]) if inside else PodSize(0, 0),
        redis_bytes=quantity(values["redis"]["maxMemory"].replace("mb", "M").replace("gb", "G")),
        redis_pods=1 if inside else 0,
    )


def _gateway(part: Values, asked: Work, measured: Measured, assumed: Assumed) -> Station:
    """One event loop: one core, whatever the request is, since there is no CPU limit."""
    return Station(
        name="gateway",
        part="gateway",
        cpu_ms=asked.gateway_ms,
        service_seconds=asked.gateway_ms / 1000,
        slots=1,
        queue=assumed.queues.parts["gateway"],
        size=pod_size(part),
        start=_start("gateway", "gateway", assumed, measured, traffic_seconds=0),
        scaling=scaling_by_cpu(part, external=False),
    )


def _detector(part: Values, asked: Work, measured: Measured, assumed: Assumed) -> Station:
    """One worker per requested core, unless the values say otherwise."""
    size = pod_size(part)
    workers = part["workers"] or max(1, round(size.cpu))
    return Station(
        name="detector",
        part="face-detector",
        cpu_ms=asked.detector_ms,
        service_seconds=asked.detector_ms / 1000,
        slots=workers,
        queue=assumed.queues.parts["face-detector"],
        size=size,
        start=_start(
            "face-detector",
            "face-detector",
            assumed,
            measured,
            traffic_seconds=part["maxConnectionAgeSeconds"],
        ),
        scaling=scaling_by_cpu(part, external=True),
    )


def _pool(pool: Values, values: Values, mix: Mix, measured: Measured, assumed: Assumed) -> Station:
    part = _PARTS[pool["framework"]]
    on_gpu = pool["device"] == "gpu"
    size = pod_size(pool)
    cpu_ms = model_ms(mix, measured, part, pool["framework"])
    seconds, slots = cpu_ms / 1000, _slots(pool, size)
    if on_gpu:
        server = getattr(assumed.gpu, part)
        cpu_ms, seconds, slots = server.cpu_ms, 1 / server.calls_per_second, 1
    weights = [each["weight"] for each in pools(values) if each["framework"] == pool["framework"]]
    return Station(
        name=pool["name"],
        part=part,
        cpu_ms=cpu_ms,
        service_seconds=seconds,
        slots=slots,
        queue=assumed.queues.parts[part],
        size=size,
        start=_start(
            part,
            f"{part}-gpu" if on_gpu else part,
            assumed,
            measured,
            traffic_seconds=pool["maxConnectionAgeSeconds"],
        ),
        scaling=scaling_of_pool(pool),
        measured=not on_gpu,
        share=pool["weight"] / sum(weights),
        framework=pool["framework"],
    )


def _slots(pool: Values, size: PodSize) -> int:
    """TorchServe has one worker for a model; TensorFlow a thread per requested core."""
    if pool["framework"] == "pytorch":
        return 1
    threads: Any = pool["batching"]["threads"]
    return int(threads) or max(1, round(size.cpu))


def _start(
    part: str, image: str, assumed: Assumed, measured: Measured, *, traffic_seconds: float
) -> Start:
    nodes = assumed.nodes
    warm = nodes.schedule_seconds + measured.start_seconds[part]
    node = nodes.gpu_node_seconds if image.endswith("-gpu") else nodes.cpu_node_seconds
    pull = assumed.image_bytes.parts[image] / nodes.pull_bytes_per_second
    return Start(warm, node, pull, traffic_seconds)
