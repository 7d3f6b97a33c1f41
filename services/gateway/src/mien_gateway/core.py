"""What the transports share: one core, whatever shell stands around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.metrics import Metrics
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.observation import Observation, observed
from mien_gateway.pipeline import Analyzer
from mien_gateway.video.service import Videos


@dataclass(frozen=True, kw_only=True)
class Core:
    """Everything that a transport may call, and the limits it must keep."""

    analyzer: Analyzer
    models: Models
    monitor: Monitor
    metrics: Metrics
    request_timeout_seconds: float
    max_image_bytes: int
    max_uploads: int
    drawing: DrawingPool = field(default_factory=DrawingPool)
    videos: Videos | None = None
    """None where there is no Redis to keep jobs in."""

    @contextmanager
    def observed(self, transport: str) -> Iterator[Observation]:
        """Count what happens inside as one request."""
        with observed(self.metrics, transport) as observation:
            yield observation
