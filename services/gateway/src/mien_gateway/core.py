"""What the transports share: one core, whatever shell stands around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mien_gateway.access.door import Access
from mien_gateway.metrics import Metrics
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.notice.notice import Notice
from mien_gateway.observation import Observation, observed
from mien_gateway.pipeline import Analyzer


@dataclass(frozen=True, kw_only=True)
class Core:
    """Everything that a transport may call, and the limits it must keep."""

    analyzer: Analyzer
    models: Models
    monitor: Monitor
    metrics: Metrics
    access: Access
    notice: Notice
    cors_origins: tuple[str, ...]
    request_timeout_seconds: float
    max_image_bytes: int
    max_uploads: int

    @contextmanager
    def observed(self, transport: str) -> Iterator[Observation]:
        """Count what happens inside as one request."""
        with observed(self.metrics, transport) as observation:
            yield observation
