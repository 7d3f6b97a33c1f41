"""What the transports share: one core, whatever shell stands around it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from mien_gateway.access.callers import Caller
from mien_gateway.access.door import Access
from mien_gateway.analysis.batching import BatchAnalyzer
from mien_gateway.analysis.comparing import Comparer
from mien_gateway.analysis.explaining import Explained, Explainer
from mien_gateway.analysis.judging import Judge, Judged
from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.deadline import Deadline
from mien_gateway.domain import Analysis
from mien_gateway.drawing.heat import crop_overlay
from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.keeping.timelines import Observed, Seen, Timelines
from mien_gateway.models import Models
from mien_gateway.monitor import Monitor
from mien_gateway.notice.notice import Notice
from mien_gateway.registry_watch import RegistryWatch
from mien_gateway.steadiness.fair_limit import FairLimit
from mien_gateway.streaming.stream import FrameAnswer, LiveStream, StreamLimits, StreamOptions
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.observation import Observation, observed
from mien_gateway.video.service import Videos


@dataclass(frozen=True, kw_only=True)
class Core:
    """Everything that a transport may call, and the limits it must keep."""

    analyzer: Analyzer
    batches: BatchAnalyzer
    comparer: Comparer
    explainer: Explainer
    judge: Judge
    models: Models
    monitor: Monitor
    registry_watch: RegistryWatch
    metrics: Metrics
    access: Access
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

    def judged(self, analysis: Analysis, minimum_confidence: float | None = None) -> Judged:
        """Return an analysis with what is said of each face, and count it."""
        judge, labels = self.judge_with(minimum_confidence), analysis.model.model.labels
        judgements = tuple(judge.judge(face, labels) for face in analysis.findings.faces)
        return self._counted(Judged(analysis, judgements))

    def judged_frame(self, answer: FrameAnswer, minimum_confidence: float | None) -> Judged:
        """Return a frame's followed faces with what is said of each, and count it."""
        judge, labels = self.judge_with(minimum_confidence), answer.analysis.model.model.labels
        tracked = answer.tracked
        findings = replace(
            answer.analysis.findings, faces=tuple(tracked_face.face for tracked_face in tracked)
        )
        return self._counted(
            Judged(
                replace(answer.analysis, findings=findings),
                tuple(judge.judge(one.face, labels, one.top) for one in tracked),
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

    def open_stream(self, options: StreamOptions, transport: str, caller: Caller) -> LiveStream:
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

    async def remember(self, session: str, judged: Judged) -> None:
        """Keep what was said in a session's timeline, if there is a session."""
        if not session:
            return
        labels, tracks = judged.analysis.model.model.labels, judged.tracks
        faces = zip(judged.analysis.findings.faces, judged.judgements, strict=True)
        seen = tuple(
            Seen(
                tracks[place] if tracks else 0,
                judgement.label,
                dict(zip(labels, (round(p, 4) for p in face.probabilities), strict=True)),
            )
            for place, (face, judgement) in enumerate(faces)
        )
        await self.timelines.append(session, Observed(judged.analysis.model.name, seen))

    def judge_with(self, minimum_confidence: float | None) -> Judge:
        """Return who judges faces, by the caller's own measure where there is one."""
        if minimum_confidence is None:
            return self.judge
        return replace(self.judge, minimum_confidence=minimum_confidence)

    def _counted(self, judged: Judged) -> Judged:
        for one in judged.judgements:
            self.metrics.count_label(judged.analysis.model.name, one.label, one.probability)
        return judged

    @contextmanager
    def observed(
        self, transport: str, gone: type[Exception] | None = None
    ) -> Iterator[Observation]:
        """Count what happens inside as one request; see `observation.observed`."""
        with observed(self.metrics, transport, gone) as observation:
            yield observation
