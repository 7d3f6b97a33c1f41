"""Many pictures at once: an answer or an error for each, and few messages for all faces."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from mien_gateway.analysis.pipeline import findings_of
from mien_gateway.analysis.stages import Recognised, Stages
from mien_gateway.cache.result_cache import CacheWriter
from mien_gateway.domain import (
    Analysis,
    CacheStatus,
    Deadline,
    Detection,
    DetectorIdentity,
    Timings,
    check_image,
)
from mien_gateway.errors import GatewayError, InvalidRequestError
from mien_gateway.resilience.failover import Failover
from mien_gateway.resilience.limits import FairLimit
from mien_models.registry import ServedModel

# One batch must not fill the detector's queue and shut single pictures out.
_DETECTIONS_AT_ONCE = 4
# Model servers take so many faces in one message.
_FACES_PER_MESSAGE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """Pictures to analyse under one model; see AnalysisRequest."""

    images: Sequence[bytes]
    deadline: Deadline
    model: str = ""
    no_store: bool = False
    allow_twin: bool = False
    caller: str = ""


Outcome = Analysis | GatewayError


class BatchAnalyzer:
    """Looks up, detects and recognises for all pictures together."""

    def __init__(
        self,
        *,
        stages: Stages,
        cache_writer: CacheWriter,
        in_flight: FairLimit,
        max_image_bytes: int,
        max_images: int,
    ) -> None:
        self._stages = stages
        self._cache_writer = cache_writer
        self._in_flight = in_flight
        self._max_image_bytes = max_image_bytes
        self.max_images = max_images
        self._failover = Failover(stages.models, stages.metrics)

    def check_number(self, images: int) -> None:
        """Raise InvalidRequestError for no or too many pictures."""
        if not 1 <= images <= self.max_images:
            message = f"A batch has 1 to {self.max_images} pictures, not {images}"
            raise InvalidRequestError(message)

    async def analyze(self, request: BatchRequest) -> list[Outcome]:
        """Return an analysis or an error per picture, in their order.

        Raises UnknownModelError and OverloadedError; what befalls a single picture is its
        own outcome.
        """
        model = self._stages.models.resolve(request.model)
        with self._in_flight.reserve(request.caller, 1):
            items = [_Item(image) for image in request.images]
            await self._look_up(items, request, model)
            await self._detect([item for item in items if item.open], request, model)
            found = [item for item in items if item.open]
            await self._recognise(found, request, model)
        return [item.result() for item in items]

    async def _look_up(
        self, items: list["_Item"], request: BatchRequest, model: ServedModel
    ) -> None:
        for item in items:
            item.check(self._max_image_bytes)
        if request.no_store:
            return
        try:
            detector = await self._stages.identity(request.deadline)
        except GatewayError:
            return  # detecting will say it per picture
        await asyncio.gather(
            *(self._look_one_up(item, model, detector) for item in items if item.open)
        )

    async def _look_one_up(
        self, item: "_Item", model: ServedModel, detector: DetectorIdentity
    ) -> None:
        answers = self._stages.answers
        started = perf_counter()
        item.key, item.keyed_for = answers.frame_key(item.image, model, detector), (model, detector)
        lookup = await answers.find(item.key, model)
        item.status = lookup.status
        item.timings = Timings(cache=perf_counter() - started)
        if lookup.findings:
            item.outcome = Analysis(model, lookup.findings, lookup.status, item.timings)

    async def _detect(
        self, items: list["_Item"], request: BatchRequest, model: ServedModel
    ) -> None:
        few = asyncio.Semaphore(_DETECTIONS_AT_ONCE)

        async def detect(item: _Item) -> None:
            async with few:
                started = perf_counter()
                try:
                    item.detection = await self._stages.detect(item.image, model, request.deadline)
                except GatewayError as error:
                    item.outcome = error
                item.timings = replace(item.timings, detect=perf_counter() - started)

        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(detect(item))

    async def _recognise(
        self, items: list["_Item"], request: BatchRequest, model: ServedModel
    ) -> None:
        """Recognise all faces in as few messages as the model server takes."""
        faceless = [item for item in items if not item.found.faces]
        self._hand_out(faceless, Recognised(model, ()), request)
        for group in _grouped([item for item in items if item.found.faces]):
            crops = [face.crop for item in group for face in item.found.faces]
            try:
                recognised = await self._ask(crops, group[0].found.detector, request, model)
            except GatewayError as error:
                for item in group:
                    item.outcome = error
                continue
            self._hand_out(group, recognised, request)

    async def _ask(
        self,
        crops: list[bytes],
        detector: DetectorIdentity,
        request: BatchRequest,
        model: ServedModel,
    ) -> Recognised:
        return await self._failover.call(
            model,
            lambda asked: self._stages.recognise(
                crops, asked, detector, request.deadline, no_store=request.no_store
            ),
            allowed=request.allow_twin,
        )

    def _hand_out(
        self, group: list["_Item"], recognised: Recognised, request: BatchRequest
    ) -> None:
        predictions = iter(recognised.predictions)
        computed = dict(recognised.computed)
        for item in group:
            own = [next(predictions) for _ in item.found.faces]
            served_by = own[0].served_by if own else ""
            findings = findings_of(item.found, own, served_by)
            timings = replace(item.timings, infer=recognised.infer_seconds if own else 0.0)
            item.outcome = Analysis(recognised.model, findings, item.status, timings)
            if not request.no_store:
                fresh = [
                    (face.crop, computed[face.crop])
                    for face in item.found.faces
                    if face.crop in computed
                ]
                same = item.keyed_for == (recognised.model, findings.detector)
                key = item.key if same else b""
                self._cache_writer.write(item.image, recognised.model, findings, fresh, key)


@dataclass(slots=True)
class _Item:
    """One picture on its way."""

    image: bytes
    outcome: Outcome | None = None
    detection: Detection | None = None
    status: CacheStatus = CacheStatus.BYPASS
    timings: Timings = field(default_factory=Timings)
    key: bytes = b""
    keyed_for: tuple[ServedModel, DetectorIdentity] | None = None
    """What the key of the cache was made with; the one that answers may be newer."""

    @property
    def open(self) -> bool:
        return self.outcome is None

    @property
    def found(self) -> Detection:
        assert self.detection is not None  # noqa: S101 - every open item was detected
        return self.detection

    def check(self, max_bytes: int) -> None:
        try:
            check_image(self.image, max_bytes)
        except GatewayError as error:
            self.outcome = error

    def result(self) -> Outcome:
        assert self.outcome is not None  # noqa: S101 - every stage settles or passes on
        if isinstance(self.outcome, GatewayError):
            return self.outcome
        spent = self.timings
        total = spent.cache + spent.detect + self.outcome.timings.infer
        return replace(self.outcome, timings=replace(self.outcome.timings, total=total))


def _grouped(items: list[_Item]) -> list[list[_Item]]:
    """Put pictures together until their faces fill a message."""
    groups: list[list[_Item]] = []
    room = 0
    for item in items:
        faces = len(item.found.faces)
        if not groups or faces > room:
            groups.append([])
            room = _FACES_PER_MESSAGE
        groups[-1].append(item)
        room -= faces
    return groups
