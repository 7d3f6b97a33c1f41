"""One part's queue, second by second."""

from dataclasses import dataclass

from mien_capacity.queueing import NO_DELAY, Delay, response
from mien_capacity.stations import Station

# Nearer to full, the formula for a steady state means nothing: the backlog tells the rest.
_FULLEST = 0.995


@dataclass(frozen=True, slots=True)
class Second:
    """What became of a second's calls."""

    done: float
    refused: float
    delay: Delay
    """Time of a call, waiting included."""
    cpu: float
    """Cores in use, of all pods."""


@dataclass(slots=True)
class Queue:
    """Takes calls as a fluid: what cannot be done now waits, what cannot wait is refused."""

    station: Station
    backlog: float = 0.0

    def step(self, offered: float, serving: int, limit: float = float("inf")) -> Second:
        """Work for one second with so many pods; `limit` is how many calls may come in at most."""
        station = self.station
        if not serving:
            refused, self.backlog = offered + self.backlog, 0.0
            return Second(0.0, refused, NO_DELAY, 0.0)
        capacity = serving * station.pod_rate
        arrived = self.backlog + min(offered, limit)
        done = min(arrived, capacity)
        self.backlog = min(arrived - done, serving * station.queue)
        refused = offered + (arrived - min(offered, limit)) - done - self.backlog
        delay = self._delay(done / serving, serving)
        return Second(done, max(0.0, refused), delay, done * station.cpu_ms / 1000)

    def _delay(self, pod_rate: float, serving: int) -> Delay:
        station = self.station
        service = station.service_seconds
        behind = self.backlog / (serving * station.pod_rate)
        if behind:
            return Delay(service + behind, service**2)
        rate = min(pod_rate, _FULLEST * station.pod_rate)
        delay = response(rate, service, station.slots)
        # No queue is longer than it may be.
        longest = service + station.queue / station.pod_rate
        return Delay(min(delay.mean, longest), min(delay.variance, longest**2))
