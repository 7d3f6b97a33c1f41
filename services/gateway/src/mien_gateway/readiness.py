"""Which parts of Mien answer, and whether that is enough to be ready."""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic

import structlog

from mien_gateway.cache.result_cache import Cache
from mien_gateway.clients.face_detector import PART, FaceDetector
from mien_gateway.domain import Deadline
from mien_gateway.errors import GatewayError
from mien_gateway.models import ModelRouter, Route
from mien_gateway.resilience.singleflight import SingleFlight
from mien_gateway.telemetry.metrics import Metrics

_log = structlog.get_logger(__name__)

REDIS = "redis"


@dataclass(frozen=True, slots=True)
class Report:
    """What the parts answered; None stands for one that is switched off."""

    ready: bool = False
    degraded: bool = False
    """Ready, but a part is away without which something cannot be answered."""
    parts: dict[str, bool | None] = field(default_factory=dict)
    models: dict[str, bool] = field(default_factory=dict)
    detector: str = ""


class Monitor:
    """Asks every part how it is.

    The gateway becomes ready when the detector and at least one model server have answered,
    and stays so until it stops. A part that fails later is shared by every replica: were
    they all to call themselves unready, callers would get no answer at all instead of a
    clear one, and cached answers neither.
    """

    def __init__(
        self,
        *,
        detector: FaceDetector,
        models: ModelRouter,
        cache: Cache,
        metrics: Metrics,
        timeout_seconds: float,
        max_age_seconds: float,
    ) -> None:
        """`max_age_seconds` is how long a report is told again."""
        self._detector = detector
        self._models = models
        self._cache = cache
        self._metrics = metrics
        self._timeout_seconds = timeout_seconds
        self._max_age_seconds = max_age_seconds
        self._asked_at = -math.inf
        self._checks: SingleFlight[Report] = SingleFlight()
        self.last = Report()
        self.draining = False
        self._was_ready = False

    async def check(self) -> Report:
        """Ask now; who asks at the same time shares the answers."""
        deadline = Deadline.after(2 * self._timeout_seconds)
        return await self._checks.run("", deadline, self._ask)

    async def report(self) -> Report:
        """Return what was last found; ask only where that is too long ago.

        Anybody may call this as often as they like: the parts do not notice.
        """
        if monotonic() - self._asked_at > self._max_age_seconds:
            with suppress(GatewayError):
                await self.check()
        return replace(self.last, ready=self.last.ready and not self.draining)

    async def _ask(self) -> Report:
        places = self._models.placements()
        detector, redis, answers = await asyncio.gather(
            self._ask_detector(),
            self._cache.ping(),
            asyncio.gather(*map(self._ask_server, places)),
        )
        models = dict.fromkeys((place.model.name for place in places), False)
        servers = dict.fromkeys((place.pool.backend.name for place in places), False)
        for place, answer in zip(places, answers, strict=True):
            models[place.model.name] |= answer
            servers[place.pool.backend.name] |= answer
        parts: dict[str, bool | None] = {PART: bool(detector), **servers, REDIS: redis}
        self._tell(parts)
        self._was_ready |= bool(detector) and any(servers.values())
        self._asked_at = monotonic()
        self.last = Report(
            ready=self._was_ready and not self.draining,
            degraded=not (detector and all(servers.values()) and redis is not False),
            parts=parts,
            models=models,
            detector=detector,
        )
        return self.last

    def _tell(self, parts: dict[str, bool | None]) -> None:
        for part, up in parts.items():
            if up is None:
                continue
            self._metrics.set_part(part, up=up)
            if up != self.last.parts.get(part):
                (_log.info if up else _log.warning)("part up" if up else "part down", part=part)

    async def _ask_server(self, place: Route) -> bool:
        return await place.pool.backend.ready(place.model, self._timeout_seconds)

    async def _ask_detector(self) -> str:
        try:
            identity = await self._detector.probe(self._timeout_seconds)
        except GatewayError:
            return ""
        return f"{identity.name} {identity.version}"
