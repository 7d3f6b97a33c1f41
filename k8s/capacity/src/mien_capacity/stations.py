"""What the simulation is made of: parts of the system, each a kind of pod with a queue."""

from dataclasses import dataclass, field
from typing import Literal

from mien_capacity.autoscaling.behavior import Behavior

Signal = Literal["cpu", "in_flight", "in_flight_pods", "rate", "p95"]


@dataclass(frozen=True, slots=True)
class Target:
    """One metric of an autoscaler and the value it steers to.

    `cpu`: share of the request (`Resource`). `in_flight`: calls under way, `rate`: calls a second,
    both shared among the pods (external, `AverageValue`). `in_flight_pods`: the same of the pods
    themselves (`Pods`). `p95`: seconds (external, `Value`).
    """

    signal: Signal
    value: float
    activates: bool = True
    """Whether it wakes a pool that sleeps."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How the chart scales a part; `none` keeps `replicas`."""

    kind: Literal["none", "hpa", "keda"]
    replicas: int
    least: int = 1
    most: int = 1
    targets: tuple[Target, ...] = ()
    behavior: Behavior = field(default_factory=Behavior)
    polling_seconds: int = 30
    cooldown_seconds: int = 300


@dataclass(frozen=True, slots=True)
class PodSize:
    """What one pod asks the cluster for."""

    cpu: float
    memory_gib: float
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until a pod is ready where its image lies, and what a new machine adds."""

    warm_seconds: float
    node_seconds: float
    pull_seconds: float
    traffic_seconds: float = 0.0
    """From ready until callers have found it: their connections are renewed now and then."""


@dataclass(frozen=True, slots=True)
class Station:
    """One part; `share` is its share of the calls to its framework's models."""

    name: str
    part: str
    cpu_ms: float
    service_seconds: float
    slots: int
    queue: int
    size: PodSize
    start: Start
    scaling: Scaling
    measured: bool = True
    share: float = 1.0
    framework: str = ""

    @property
    def pod_rate(self) -> float:
        """Calls a second that one pod can do."""
        return self.slots / self.service_seconds
