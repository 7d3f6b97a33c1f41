"""The core: everything that the transports call, and how it is put together."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache

from mien_gateway.analysis.batch import BatchAnalyzer
from mien_gateway.analysis.compare import Comparer
from mien_gateway.analysis.explain import Explained, Explainer
from mien_gateway.analysis.labelling import LabelledAnalysis, LabelPolicy, QualityLimits
from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.analysis.stages import Stages
from mien_gateway.auth.authenticator import Authenticator
from mien_gateway.auth.principal import Principal
from mien_gateway.cache.result_cache import Cache, CacheWriter, ResultCache
from mien_gateway.clients.face_detector import PART, FaceDetector
from mien_gateway.clients.pools import Pool
from mien_gateway.domain import Analysis, Deadline
from mien_gateway.drawing.images import crop_overlay
from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.models import ModelRouter, RegistryWatch
from mien_gateway.notice import Notice
from mien_gateway.readiness import Monitor
from mien_gateway.resilience.circuit_breaker import (
    CircuitBreaker,
    Guard,
    GuardedBackend,
    GuardedDetector,
)
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.sessions import Observed, Seen, Timelines
from mien_gateway.settings import Settings
from mien_gateway.streaming.live_stream import FrameAnswer, LiveStream, StreamLimits, StreamOptions
from mien_gateway.telemetry.metrics import Metrics, Observation, observed
from mien_gateway.video.service import Videos
from mien_models.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Core:
    """Everything that a transport may call, and the limits it must keep."""

    analyzer: Analyzer
    batches: BatchAnalyzer
    comparer: Comparer
    explainer: Explainer
    label_policy: LabelPolicy
    models: ModelRouter
    monitor: Monitor
    registry_watch: RegistryWatch
    metrics: Metrics
    access: Authenticator
    notice: Notice
    cors_origins: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    request_timeout_seconds: float
    max_image_bytes: int
    stream_limits: StreamLimits
    streams: FairLimit
    """Live streams of all transports; reserve 1."""
    event_streams: FairLimit
    """Callers who follow a video's job; reserve 1."""
    bytes_in_flight: FairLimit
    """Bytes of the bodies in memory, of all transports; reserve a body's length."""
    max_bytes_in_flight: int
    caller_share: float
    """Of what is bounded, the part that one caller may take."""
    timelines: Timelines
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when this gateway is about to stop."""
    max_batch_bytes: int
    max_uploads: int
    uploads: FairLimit
    """REST bodies being received; reserve 1."""
    drawing: DrawingPool = field(default_factory=DrawingPool)
    videos: Videos | None = None
    """None where there is no Redis to keep jobs in."""

    def labelled(
        self, analysis: Analysis, minimum_confidence: float | None = None
    ) -> LabelledAnalysis:
        """Return an analysis with what is said of each face, and count it."""
        policy, labels = self.label_policy_with(minimum_confidence), analysis.model.model.labels
        face_labels = tuple(policy.label(face, labels) for face in analysis.findings.faces)
        return self._counted(LabelledAnalysis(analysis, face_labels))

    def labelled_frame(
        self, answer: FrameAnswer, minimum_confidence: float | None
    ) -> LabelledAnalysis:
        """Return a frame's followed faces with what is said of each, and count it."""
        policy = self.label_policy_with(minimum_confidence)
        labels = answer.analysis.model.model.labels
        tracked = answer.tracked
        findings = replace(
            answer.analysis.findings, faces=tuple(tracked_face.face for tracked_face in tracked)
        )
        return self._counted(
            LabelledAnalysis(
                replace(answer.analysis, findings=findings),
                tuple(policy.label(one.face, labels, one.top) for one in tracked),
                tuple(one.track for one in tracked),
            )
        )

    async def overlays(self, explained: Explained, deadline: Deadline) -> list[bytes]:
        """Return each explained face under its map, as PNG."""
        shape = explained.model.model.input
        return await self.drawing.run(
            lambda: [crop_overlay(face.crop, shape, face.heat) for face in explained.faces],
            deadline,
        )

    def open_stream(self, options: StreamOptions, transport: str, caller: Principal) -> LiveStream:
        """Return a new live stream of a caller's, to be closed; its model is resolved already."""
        return LiveStream(
            self.analyzer,
            options,
            self.stream_limits,
            self.metrics,
            transport,
            lambda: self.access.spend_frame(caller),
            self.bytes_in_flight.reserve(caller.identity),
        )

    async def remember(self, session: str, labelled: LabelledAnalysis) -> None:
        """Keep what was said in a session's timeline, if there is a session."""
        if not session:
            return
        labels, tracks = labelled.analysis.model.model.labels, labelled.tracks
        faces = zip(labelled.analysis.findings.faces, labelled.face_labels, strict=True)
        seen = tuple(
            Seen(
                tracks[place] if tracks else 0,
                face_label.label,
                dict(zip(labels, (round(p, 4) for p in face.probabilities), strict=True)),
            )
            for place, (face, face_label) in enumerate(faces)
        )
        await self.timelines.append(session, Observed(labelled.analysis.model.name, seen))

    def label_policy_with(self, minimum_confidence: float | None) -> LabelPolicy:
        """Return how faces are labelled, by the caller's own threshold where there is one."""
        if minimum_confidence is None:
            return self.label_policy
        return replace(self.label_policy, minimum_confidence=minimum_confidence)

    def _counted(self, labelled: LabelledAnalysis) -> LabelledAnalysis:
        for one in labelled.face_labels:
            self.metrics.count_label(labelled.analysis.model.name, one.label, one.probability)
        return labelled

    @contextmanager
    def observed(
        self, transport: str, gone: type[Exception] | None = None
    ) -> Iterator[Observation]:
        """Count what happens inside as one request; see `observation.observed`."""
        with observed(self.metrics, transport, gone) as observation:
            yield observation


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the core works with."""

    detector: FaceDetector
    pools: tuple[Pool, ...]
    answers: ResultCache
    cache: Cache
    timelines: Timelines
    access: Authenticator
    notice: Notice


def guarded(parts: Parts, settings: Settings, metrics: Metrics) -> Parts:
    """Return the parts, the detector and each model of each pool behind a circuit of its own."""

    def circuit(part: str, model: str = "") -> CircuitBreaker:
        return CircuitBreaker(
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
    models = ModelRouter(registry, parts.pools)
    stages = Stages(detector=parts.detector, models=models, answers=parts.answers, metrics=metrics)
    in_flight = FairLimit(settings.max_in_flight, settings.caller_share)
    limit = settings.max_image_bytes
    cache_writer = CacheWriter(parts.answers)
    return Core(
        analyzer=Analyzer(
            stages=stages, cache_writer=cache_writer, in_flight=in_flight, max_image_bytes=limit
        ),
        batches=BatchAnalyzer(
            stages=stages,
            cache_writer=cache_writer,
            in_flight=in_flight,
            max_image_bytes=limit,
            max_images=settings.max_batch_images,
        ),
        comparer=Comparer(stages=stages, in_flight=in_flight, max_image_bytes=limit),
        explainer=Explainer(stages=stages, in_flight=in_flight, max_image_bytes=limit),
        label_policy=_label_policy(settings),
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


def _label_policy(settings: Settings) -> LabelPolicy:
    return LabelPolicy(
        settings.minimum_confidence,
        QualityLimits(
            minimum_size_pixels=settings.minimum_face_pixels,
            minimum_sharpness=settings.minimum_sharpness,
            maximum_yaw_degrees=settings.maximum_yaw_degrees,
        ),
    )
