"""The cache in the pipeline's words: answers in and out, whatever keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien_gateway.domain import CacheStatus, DetectorIdentity, Findings, Prediction
from mien_gateway.keeping.cache import Cache
from mien_gateway.keeping.keys import CacheKeys
from mien_gateway.keeping.records import (
    decode_findings,
    decode_prediction,
    encode_findings,
    encode_prediction,
)
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.tracing import annotate, span
from mien_models.registry import ServedModel


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found for a picture; the status says why there may be nothing."""

    findings: Findings | None
    status: CacheStatus


class Answers:
    """Finds and keeps answers; never raises for the cache's sake."""

    def __init__(self, cache: Cache, keys: CacheKeys, metrics: Metrics) -> None:
        self._cache = cache
        self._keys = keys
        self._metrics = metrics

    def frame_key(self, image: bytes, model: ServedModel, detector: DetectorIdentity) -> bytes:
        """Return what names this picture under this model and detector."""
        return self._keys.frame(image, model, detector)

    async def find(self, key: bytes, model: ServedModel) -> Lookup:
        """Look a whole answer up."""
        with span("cache", lookup="frame"):
            values = await self._cache.get_many([key])
            if values is None:
                self._count("frame", away=1)
                return Lookup(None, CacheStatus.BYPASS)
            findings = values[0] and decode_findings(values[0], len(model.model.labels))
            if not findings:
                self._count("frame", miss=1)
                return Lookup(None, CacheStatus.MISS)
            self._count("frame", hit=1)
            return Lookup(findings, CacheStatus.HIT)

    async def find_faces(
        self, crops: Sequence[bytes], model: ServedModel, detector: DetectorIdentity
    ) -> list[Prediction | None]:
        """Look every face up, in one go."""
        with span("cache", lookup="face"):
            values = await self._cache.get_many(
                [self._keys.face(crop, model, detector) for crop in crops]
            )
            if values is None:
                self._count("face", away=len(crops))
                return [None] * len(crops)
            classes = len(model.model.labels)
            found = [value and decode_prediction(value, classes) for value in values]
            misses = sum(1 for prediction in found if not prediction)
            self._count("face", miss=misses, hit=len(crops) - misses)
            return [prediction or None for prediction in found]

    async def keep(
        self,
        key: bytes,
        model: ServedModel,
        findings: Findings,
        computed: Sequence[tuple[bytes, Prediction]],
    ) -> None:
        """Keep a whole answer under its key, and the faces, crop and prediction, behind it."""
        entries = {
            self._keys.face(crop, model, findings.detector): encode_prediction(prediction)
            for crop, prediction in computed
        }
        entries[key] = encode_findings(findings)
        await self._cache.put_many(entries)

    def _count(self, kind: str, **results: int) -> None:
        """Tell metrics and the span under way what came of a lookup."""
        for result, number in results.items():
            self._metrics.count_lookup(kind, result, number)
        annotate(**results)
