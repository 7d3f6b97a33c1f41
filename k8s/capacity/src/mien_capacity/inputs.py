"""What the simulator is told: figures that were measured, and figures that had to be assumed."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mien_capacity.paths import ASSUMED, MEASURED

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Case(_Model):
    """What one kind of request cost each part, in CPU milliseconds."""

    name: Literal["cached", "same faces", "new"]
    model: str
    faces: int
    requests: int
    rate_per_second: float
    answer_bytes: int
    median_ms: float
    cpu_ms: dict[str, float]


class Redis(_Model):
    """What an operation costs a busy Redis, and how large an entry is."""

    get_cpu_us: Positive
    set_cpu_us: Positive
    seen_per_second: Positive
    bytes_per_key: Positive


class Frame(_Model):
    """The picture that was sent."""

    width: int
    height: int
    bytes: int


class Measured(_Model):
    """`measured.yaml`, as `python -m mien_capacity.measure` writes it."""

    command: str
    conditions: dict[str, Any]
    frame: Frame
    cases: tuple[Case, ...]
    redis: Redis
    memory_mib: dict[str, float]
    start_seconds: dict[str, float]
    detector_cpu_ms: dict[str, float]
    gateway_series: int
    """Time series that one gateway shows to Prometheus after all of this."""

    def case(self, name: str, framework: str = "pytorch", faces: int = 1) -> Case:
        """Return the one case of that kind."""
        return next(
            case
            for case in self.cases
            if case.name == name and case.faces == faces and case.model.endswith(framework)
        )

    def linear(self, part: str, framework: str) -> tuple[float, float]:
        """Return a new picture's CPU milliseconds for a part: of itself, and for each face."""
        new = [case for case in self.cases if case.name == "new" and case.model.endswith(framework)]
        one, many = (new[0], new[-1]) if new[0].faces < new[-1].faces else (new[-1], new[0])
        per_face = (many.cpu_ms[part] - one.cpu_ms[part]) / (many.faces - one.faces)
        return max(0.0, one.cpu_ms[part] - per_face * one.faces), max(0.0, per_face)


class Assumption(_Model):
    """A group of figures that nobody measured, and why they are what they are."""

    measured: Literal[False]
    source: str


class Prices(Assumption):
    """The reader's."""

    currency: str
    cpu_core_hour: float
    memory_gib_hour: float
    gpu_hour: float


class Nodes(Assumption):
    """How machines come and go."""

    schedule_seconds: float
    cpu_node_seconds: float
    gpu_node_seconds: float
    keep_seconds: float
    spare_share: Share
    pull_bytes_per_second: Positive


class MetricsDelay(Assumption):
    """How late autoscalers see what happens."""

    cpu_lag_seconds: int
    cpu_window_seconds: int
    prometheus_lag_seconds: int
    in_flight_window_seconds: int
    rate_window_seconds: int


class GpuServer(_Model):
    """A model server on one GPU."""

    calls_per_second: Positive
    cpu_ms: Positive
    memory_mib: Positive


class Gpu(Assumption):
    """Both model servers on a GPU."""

    torchserve: GpuServer
    tensorflow: GpuServer


class PerPart(Assumption):
    """One figure for each part."""

    parts: dict[str, int]


class Assumed(_Model):
    """`assumed.yaml`."""

    prices: Prices
    nodes: Nodes
    image_bytes: PerPart
    metrics: MetricsDelay
    queues: PerPart
    gpu: Gpu
    tensorflow_serving: Assumption


def load_measured(path: Path = MEASURED) -> Measured:
    """Read and check the measured figures."""
    return Measured.model_validate(yaml.safe_load(path.read_text()))


def load_assumed(path: Path = ASSUMED) -> Assumed:
    """Read and check the assumed figures."""
    return Assumed.model_validate(yaml.safe_load(path.read_text()))
