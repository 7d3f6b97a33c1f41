"""What the autoscalers see: late, and smoothed over a while."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien_capacity.autoscaling.replicas import (
    PodGroup,
    PodsTarget,
    Standing,
    replicas_for_average_value,
    replicas_for_pods,
    replicas_for_value,
)
from mien_capacity.inputs import MetricsDelay
from mien_capacity.pods import Pods
from mien_capacity.stations import Signal, Station, Target

Series = npt.NDArray[np.float64]


class Record:
    """One station's day, a value a second."""

    def __init__(self, seconds: int) -> None:
        self.offered = np.zeros(seconds)
        self.done = np.zeros(seconds)
        self.refused = np.zeros(seconds)
        self.backlog = np.zeros(seconds)
        self.wanted = np.zeros(seconds)
        self.ready = np.zeros(seconds)
        self.cpu = np.zeros(seconds)
        self.pod_cpu = np.zeros(seconds)
        """Of each pod that has callers."""
        self.in_flight = np.zeros(seconds)
        self.p95 = np.zeros(seconds)


@dataclass(frozen=True, slots=True)
class Signals:
    """Reads a record as the metrics pipeline does, and asks the HPA's arithmetic."""

    station: Station
    record: Record
    pods: Pods
    delays: MetricsDelay

    def proposals(self, current: int, now: int) -> list[int | None]:
        """Return what each metric asks for."""
        return [self._proposal(target, current, now) for target in self.station.scaling.targets]

    def is_active(self, now: int) -> bool:
        """Whether any trigger that may wake the pool is above zero, its activation threshold."""
        return any(
            self.value(target.signal, now) > 0
            for target in self.station.scaling.targets
            if target.activates
        )

    def value(self, signal: Signal, now: int) -> float:
        """Return the figure that is seen now."""
        delays, record = self.delays, self.record
        lag = delays.prometheus_lag_seconds
        match signal:
            case "cpu":
                return _mean(record.pod_cpu, now, delays.cpu_lag_seconds, delays.cpu_window_seconds)
            case "rate":
                return _mean(record.offered, now, lag, delays.rate_window_seconds)
            case "p95":
                return _mean(record.p95, now, lag, delays.rate_window_seconds)
            case _:
                return _mean(record.in_flight, now, lag, delays.in_flight_window_seconds)

    def _proposal(self, target: Target, current: int, now: int) -> int | None:
        seen = self.value(target.signal, now)
        match target.signal:
            case "cpu":
                aim = PodsTarget.utilization(target.value * 100)
                groups = self._groups(seen / self.station.size.cpu, now, current)
                return replicas_for_pods(current, groups, aim)
            case "in_flight_pods":
                aim = PodsTarget.average(target.value)
                each = seen / max(1, self.pods.serving(now))
                return replicas_for_pods(current, self._groups(each, now, current), aim)
            case "p95":
                return replicas_for_value(current, self.pods.ready(now), seen, target.value)
            case _:
                return replicas_for_average_value(current, seen, target.value)

    def _groups(self, value: float, now: int, current: int) -> Sequence[PodGroup]:
        """Pods count once one window of theirs is complete; who has no callers yet uses nothing."""
        window = self.delays.cpu_window_seconds
        known = self.pods.ready_for(window, now)
        busy = min(known, self.pods.serving(now))
        return (
            PodGroup(busy, Standing.MEASURED, value),
            PodGroup(known - busy, Standing.MEASURED, 0.0),
            PodGroup(current - known, Standing.UNREADY),
        )


def _mean(series: Series, now: int, lag: int, window: int) -> float:
    end = max(1, now - lag + 1)
    return float(series[max(0, end - window) : end].mean())
