"""The way of one picture through Mien, whatever transport it came by."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from mien_gateway.answers import Answers
from mien_gateway.detector import FaceDetector
from mien_gateway.domain import (
    Analysis,
    AnalysisRequest,
    CacheStatus,
    DetectedFace,
    Detection,
    DetectorIdentity,
    Face,
    Findings,
    Prediction,
    Timings,
)
from mien_gateway.images import check_image
from mien_gateway.metrics import Metrics
from mien_gateway.models import Models
from mien_gateway.singleflight import SingleFlight
from mien_gateway.slots import Slots
from mien_models.registry import ServedModel


class Analyzer:
    """Cache, detector, cache, model server: each asked once, and only if need be."""

    def __init__(
        self,
        *,
        detector: FaceDetector,
        models: Models,
        answers: Answers,
        metrics: Metrics,
        slots: Slots,
        max_image_bytes: int,
    ) -> None:
        self._detector = detector
        self._models = models
        self._answers = answers
        self._metrics = metrics
        self._slots = slots
        self._max_image_bytes = max_image_bytes
        self._flights: SingleFlight[Analysis] = SingleFlight()
        self._keeping: set[asyncio.Task[None]] = set()

    async def analyze(self, request: AnalysisRequest) -> Analysis:
        """Return the expressions in a picture.

        Raises the GatewayError that says why there is no answer.
        """
        started = perf_counter()
        model = self._models.resolve(request.model)
        check_image(request.image, self._max_image_bytes)
        with self._slots:
            analysis = await self._answer(request, model)
        total = perf_counter() - started
        return replace(analysis, timings=replace(analysis.timings, total=total))

    @property
    def in_flight(self) -> int:
        """How many analyses are under way."""
        return self._slots.taken

    async def settle(self) -> None:
        """Wait until the answers given so far are kept."""
        await asyncio.gather(*self._keeping)

    async def _answer(self, request: AnalysisRequest, model: ServedModel) -> Analysis:
        detector = await self._detector.identity(request.deadline.budget("the face detector"))
        key = self._answers.frame_key(request.image, model, detector)
        work = _Work(request, model, detector, key)
        if not request.no_store:
            started = perf_counter()
            lookup = await self._answers.find(key, model)
            cache = perf_counter() - started
            if lookup.findings:
                return Analysis(model, lookup.findings, lookup.status, Timings(cache=cache))
            work = replace(work, status=lookup.status, cache_seconds=cache)
        # Who must leave no trace does not join one whose answer is kept.
        return await self._flights.run(
            (key, request.no_store), request.deadline, lambda: self._compute(work)
        )

    async def _compute(self, work: "_Work") -> Analysis:
        request, model = work.request, work.model
        started = perf_counter()
        detection = await self._detector.detect(
            request.image, model.model.input, request.deadline.budget("the face detector")
        )
        detected = perf_counter()
        known = await self._known(work, detection)
        unknown = [face.crop for face, hit in zip(detection.faces, known, strict=True) if not hit]
        looked_up = perf_counter()
        computed = await self._predict(work, unknown)
        timings = Timings(
            cache=work.cache_seconds + looked_up - detected,
            detect=detected - started,
            infer=perf_counter() - looked_up if computed else 0.0,
        )
        self._metrics.observe_work(timings, len(detection.faces))
        findings = _findings(detection, known, computed)
        if not request.no_store:
            self._keep(work, findings, list(zip(unknown, computed, strict=True)))
        return Analysis(model, findings, work.status, timings)

    async def _known(self, work: "_Work", detection: Detection) -> list[Prediction | None]:
        if work.request.no_store or not detection.faces:
            return [None] * len(detection.faces)
        crops = [face.crop for face in detection.faces]
        return await self._answers.find_faces(crops, work.model, detection.detector)

    async def _predict(self, work: "_Work", crops: Sequence[bytes]) -> list[Prediction]:
        if not crops:
            return []
        backend = self._models.backend(work.model)
        budget = work.request.deadline.budget(f"the model server {backend.name}")
        return await backend.predict(work.model, crops, budget)

    def _keep(
        self, work: "_Work", findings: Findings, computed: list[tuple[bytes, Prediction]]
    ) -> None:
        """Keep the answer behind the caller's back: he need not wait for it."""
        key = work.key
        if findings.detector != work.detector:
            key = self._answers.frame_key(work.request.image, work.model, findings.detector)
        task = asyncio.create_task(self._answers.keep(key, work.model, findings, computed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a computation is about, and what the lookup before it found."""

    request: AnalysisRequest
    model: ServedModel
    detector: DetectorIdentity
    """The one last known; the one that answers may be newer."""
    key: bytes
    status: CacheStatus = CacheStatus.BYPASS
    cache_seconds: float = 0.0


def _findings(
    detection: Detection, known: Sequence[Prediction | None], computed: Sequence[Prediction]
) -> Findings:
    fresh = iter(computed)
    predictions = [prediction or next(fresh) for prediction in known]
    servers = [prediction.served_by for prediction in (*computed, *predictions)]
    return Findings(
        detector=detection.detector,
        image=detection.image,
        faces=tuple(map(_face, detection.faces, predictions)),
        served_by=servers[0] if servers else "",
    )


def _face(face: DetectedFace, prediction: Prediction) -> Face:
    return Face(face.box, face.landmarks, face.score, prediction.probabilities)
