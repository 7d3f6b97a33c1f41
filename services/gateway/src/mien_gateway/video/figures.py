"""What Prometheus sees of videos.

Workers listen on no port: what they count stands in Redis. Every gateway shows the same
totals, so take the largest of them, not the sum.
"""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

JOBS = "jobs:"
FRAMES = "frames"


class VideoFigures(Collector):
    """The totals as they were last read."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.totals: Mapping[str, int] = {}
        self.depth = 0
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        jobs = CounterMetricFamily(
            "mien_gateway_video_jobs",
            "Videos whose job has ended, by its last state; the same on every gateway",
            labels=["outcome"],
        )
        for name, number in self.totals.items():
            if name.startswith(JOBS):
                jobs.add_metric([name.removeprefix(JOBS).lower()], number)
        yield jobs
        yield CounterMetricFamily(
            "mien_gateway_video_frames",
            "Frames of videos that were analysed; the same on every gateway",
            value=self.totals.get(FRAMES, 0),
        )
        yield GaugeMetricFamily(
            "mien_gateway_video_queue_depth", "Videos that wait for a worker", value=self.depth
        )
