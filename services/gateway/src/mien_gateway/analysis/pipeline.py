"""The way of one picture through Mien, whatever transport it came by."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from mien_gateway.analysis.stages import Recognised, Stages
from mien_gateway.cache.result_cache import CacheWriter
from mien_gateway.domain import (
    Analysis,
    AnalysisRequest,
    CacheStatus,
    DetectedFace,
    Detection,
    DetectorIdentity,
    Explanation,
    Face,
    Findings,
    Prediction,
    Timings,
    check_image,
)
from mien_gateway.resilience.failover import Failover
from mien_gateway.resilience.limits import FairLimit
from mien_gateway.resilience.singleflight import SingleFlight
from mien_models.registry import ServedModel


class Analyzer:
    """Cache, detector, cache, model server: each asked once, and only if need be."""

    def __init__(
        self,
        *,
        stages: Stages,
        cache_writer: CacheWriter,
        in_flight: FairLimit,
        max_image_bytes: int,
    ) -> None:
        self._stages = stages
        self._cache_writer = cache_writer
        self._in_flight = in_flight
        self._max_image_bytes = max_image_bytes
        self._failover = Failover(stages.models, stages.metrics)
        self._flights: SingleFlight[Analysis] = SingleFlight()

    async def analyze(self, request: AnalysisRequest) -> Analysis:
        """Return the expressions in a picture.

        Raises the GatewayError that says why there is no answer.
        """
        started = perf_counter()
        model = self._stages.models.resolve(request.model)
        check_image(request.image, self._max_image_bytes)
        with self._in_flight.reserve(request.caller, 1):
            analysis = await self._answer(request, model)
        total = perf_counter() - started
        return replace(analysis, timings=replace(analysis.timings, total=total))

    @property
    def in_flight(self) -> int:
        """How many analyses are under way."""
        return self._in_flight.taken

    async def settle(self) -> None:
        """Wait until the answers given so far are kept."""
        await self._cache_writer.settle()

    async def _answer(self, request: AnalysisRequest, model: ServedModel) -> Analysis:
        detector = await self._stages.identity(request.deadline)
        if not request.is_kept:
            # Frames of streams and videos, above all: none comes twice, so none is hashed.
            return await self._compute(_Work(request, model, detector))
        answers = self._stages.answers
        started = perf_counter()
        key = answers.frame_key(request.image, model, detector)
        hashed = perf_counter()
        lookup = await answers.find(key, model)
        spent = Timings(hash=hashed - started, cache=perf_counter() - hashed)
        if lookup.findings:
            return Analysis(model, lookup.findings, lookup.status, spent)
        work = _Work(request, model, detector, key, lookup.status, spent)
        return await self._flights.run(
            (key, request.allow_twin), request.deadline, lambda: self._compute(work)
        )

    async def _compute(self, work: "_Work") -> Analysis:
        request = work.request
        started = perf_counter()
        detection = await self._stages.detect(
            request.image, work.model, request.deadline, request.minimum_score
        )
        detected = perf_counter()
        recognised = await self._recognise(request, work.model, detection)
        timings = replace(
            work.spent,
            cache=work.spent.cache + recognised.cache_seconds,
            detect=detected - started,
            infer=recognised.infer_seconds,
            within_detect=detection.steps,
        )
        findings = findings_of(detection, recognised.predictions, recognised.served_by)
        if request.is_kept:
            same = recognised.model is work.model and findings.detector == work.detector
            key = work.key if same else b""
            self._cache_writer.write(
                request.image, recognised.model, findings, recognised.computed, key
            )
        return Analysis(recognised.model, findings, work.status, timings)

    async def _recognise(
        self, request: AnalysisRequest, model: ServedModel, detection: Detection
    ) -> Recognised:
        crops = [face.crop for face in detection.faces]
        return await self._failover.call(
            model,
            lambda asked: self._stages.recognise(
                crops, asked, detection.detector, request.deadline, no_store=not request.is_kept
            ),
            allowed=request.allow_twin,
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """What a computation is about, and what the lookup before it found."""

    request: AnalysisRequest
    model: ServedModel
    detector: DetectorIdentity
    """The one last known; the one that answers may be newer."""
    key: bytes = b""
    """Of the cache; empty where it is not asked."""
    status: CacheStatus = CacheStatus.BYPASS
    spent: Timings = field(default_factory=Timings)


def findings_of(
    detection: Detection, predictions: Sequence[Prediction], served_by: str
) -> Findings:
    """Return what is known of a picture: its faces, each with its prediction."""
    return Findings(
        detector=detection.detector,
        image=detection.image,
        faces=tuple(map(face_of, detection.faces, predictions)),
        served_by=served_by,
    )


def face_of(face: DetectedFace, prediction: Prediction | Explanation) -> Face:
    """Return a detected face with its probabilities."""
    return Face(face.box, face.landmarks, face.score, prediction.probabilities, face.sharpness)
