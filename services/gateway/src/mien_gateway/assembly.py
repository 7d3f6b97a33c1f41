"""Puts a core together out of its parts, real ones or a test's."""

from dataclasses import dataclass, replace
from functools import cache

from mien_gateway.access.door import Access
from mien_gateway.analysis.batching import BatchAnalyzer
from mien_gateway.analysis.comparing import Comparer
from mien_gateway.analysis.explaining import Explainer
from mien_gateway.analysis.judging import Judge
from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.analysis.quality import QualityLimits
from mien_gateway.analysis.stages import Stages
from mien_gateway.backends.pools import Pool
from mien_gateway.core import Core
from mien_gateway.detector import PART, FaceDetector
from mien_gateway.keeping.answers import Answers
from mien_gateway.keeping.cache import Cache
from mien_gateway.keeping.keeper import Keeper
from mien_gateway.keeping.timelines import Timelines
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.notice.notice import Notice
from mien_gateway.registry_watch import RegistryWatch
from mien_gateway.settings import Settings
from mien_gateway.steadiness.circuit import Circuit
from mien_gateway.steadiness.fair_limit import FairLimit
from mien_gateway.steadiness.guards import Guard, GuardedBackend, GuardedDetector
from mien_gateway.steadiness.slots import Slots
from mien_gateway.streaming.stream import StreamLimits
from mien_gateway.telemetry.metrics import Metrics
from mien_models.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the core works with."""

    detector: FaceDetector
    pools: tuple[Pool, ...]
    answers: Answers
    cache: Cache
    timelines: Timelines
    access: Access
    notice: Notice


def guarded(parts: Parts, settings: Settings, metrics: Metrics) -> Parts:
    """Return the parts, the detector and each model of each pool behind a circuit of its own."""

    def circuit(part: str, model: str = "") -> Circuit:
        return Circuit(
            part,
            model,
            failures=settings.circuit_failures,
            cooldown_seconds=settings.circuit_cooldown_seconds,
            metrics=metrics,
        )

    def pool(bare: Pool) -> Pool:
        @cache
        def guard(model: str) -> Guard:
            before = circuit(bare.backend.name, model)
            return Guard(before, metrics, settings.model_timeout_seconds)

        return replace(
            bare,
            backend=GuardedBackend(bare.backend, guard),
            usable=lambda model: guard(model.name).admits,
        )

    guard = Guard(circuit(PART), metrics, settings.detector_timeout_seconds)
    return replace(
        parts,
        detector=GuardedDetector(parts.detector, guard),
        pools=tuple(map(pool, parts.pools)),
    )


def make_core(settings: Settings, registry: Registry, parts: Parts, metrics: Metrics) -> Core:
    """Return a core over the parts; it opens nothing by itself."""
    models = Models(registry, parts.pools)
    stages = Stages(detector=parts.detector, models=models, answers=parts.answers, metrics=metrics)
    slots, limit = Slots(settings.max_in_flight), settings.max_image_bytes
    keeper = Keeper(parts.answers)
    return Core(
        analyzer=Analyzer(stages=stages, keeper=keeper, slots=slots, max_image_bytes=limit),
        batches=BatchAnalyzer(
            stages=stages,
            keeper=keeper,
            slots=slots,
            max_image_bytes=limit,
            max_images=settings.max_batch_images,
        ),
        comparer=Comparer(stages=stages, slots=slots, max_image_bytes=limit),
        explainer=Explainer(stages=stages, slots=slots, max_image_bytes=limit),
        judge=_judge(settings),
        models=models,
        monitor=Monitor(
            detector=parts.detector,
            models=models,
            cache=parts.cache,
            metrics=metrics,
            timeout_seconds=settings.probe_timeout_seconds,
            max_age_seconds=2 * (settings.probe_interval_seconds + settings.probe_timeout_seconds),
        ),
        registry_watch=RegistryWatch(settings.registry, models, settings.probe_timeout_seconds),
        metrics=metrics,
        access=parts.access,
        notice=parts.notice,
        cors_origins=_listed(settings.cors_origins),
        allowed_hosts=(settings.rest_host, *_listed(settings.allowed_hosts)),
        request_timeout_seconds=settings.request_timeout_seconds,
        max_image_bytes=limit,
        stream_limits=StreamLimits(
            idle_seconds=settings.stream_idle_seconds,
            max_seconds=settings.stream_max_seconds,
            frame_seconds=settings.request_timeout_seconds,
            send_seconds=settings.stream_send_seconds,
        ),
        streams=FairLimit(settings.max_streams, settings.caller_share),
        event_streams=FairLimit(settings.max_event_streams, settings.caller_share),
        bytes_in_flight=FairLimit(settings.max_bytes_in_flight, settings.caller_share),
        max_bytes_in_flight=settings.max_bytes_in_flight,
        caller_share=settings.caller_share,
        timelines=parts.timelines,
        max_batch_bytes=settings.max_batch_bytes,
        max_uploads=settings.max_uploads,
        uploads=FairLimit(settings.max_uploads, settings.caller_share),
    )


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.replace(",", " ").split())


def _judge(settings: Settings) -> Judge:
    return Judge(
        settings.minimum_confidence,
        QualityLimits(
            minimum_size_pixels=settings.minimum_face_pixels,
            minimum_sharpness=settings.minimum_sharpness,
            maximum_yaw_degrees=settings.maximum_yaw_degrees,
        ),
    )
