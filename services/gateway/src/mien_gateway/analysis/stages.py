"""The steps that every kind of request is made of: detect, look up, predict."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from mien_gateway.cache.result_cache import ResultCache
from mien_gateway.clients.face_detector import FaceDetector
from mien_gateway.domain import Deadline, Detection, DetectorIdentity, Explanation, Prediction
from mien_gateway.models import ModelRouter
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.tracing import annotate, span
from mien_models.registry import ServedModel

_DETECTOR = "the face detector"

# The largest batch that the model servers take.
FACES_PER_MESSAGE = 128


@dataclass(frozen=True, slots=True)
class Recognised:
    """The predictions for some crops, in their order, and what they cost."""

    model: ServedModel
    predictions: tuple[Prediction, ...]
    computed: tuple[tuple[bytes, Prediction], ...] = ()
    """Crop and prediction of those that were not known before."""
    cache_seconds: float = 0.0
    infer_seconds: float = 0.0

    @property
    def served_by(self) -> str:
        """The server that computed, or once computed, the probabilities."""
        servers = [one.served_by for _, one in self.computed]
        servers += [one.served_by for one in self.predictions]
        return servers[0] if servers else ""


class Stages:
    """Each step asks one part, within the caller's deadline, and is timed and traced."""

    def __init__(
        self, *, detector: FaceDetector, models: ModelRouter, answers: ResultCache, metrics: Metrics
    ) -> None:
        self.models = models
        self.answers = answers
        self.metrics = metrics
        self._detector = detector

    async def identity(self, deadline: Deadline) -> DetectorIdentity:
        """Return what detects, as last known."""
        return await self._detector.identity(deadline.budget(_DETECTOR))

    async def detect(
        self,
        image: bytes,
        model: ServedModel,
        deadline: Deadline,
        minimum_score: float | None = None,
    ) -> Detection:
        """Return the faces of a picture with crops as the model takes them."""
        budget = deadline.budget(_DETECTOR)
        with self._stage("detect", model):
            detection = await self._detector.detect(image, model.model.input, budget, minimum_score)
            annotate(faces=len(detection.faces))
        self.metrics.observe_faces(len(detection.faces))
        return detection

    async def recognise(
        self,
        crops: Sequence[bytes],
        model: ServedModel,
        detector: DetectorIdentity,
        deadline: Deadline,
        *,
        no_store: bool = False,
    ) -> Recognised:
        """Return a prediction per crop; those that are known are not computed again."""
        if not crops:
            return Recognised(model, ())
        started = perf_counter()
        known: Sequence[Prediction | None] = [None] * len(crops)
        if not no_store:
            with self.metrics.stage("cache"):
                known = await self.answers.find_faces(crops, model, detector)
        looked_up = perf_counter()
        unknown = [crop for crop, hit in zip(crops, known, strict=True) if not hit]
        fresh = await self.predict(unknown, model, deadline)
        computed = iter(fresh)
        return Recognised(
            model,
            tuple(hit or next(computed) for hit in known),
            tuple(zip(unknown, fresh, strict=True)),
            cache_seconds=looked_up - started,
            infer_seconds=perf_counter() - looked_up if unknown else 0.0,
        )

    async def predict(
        self, crops: Sequence[bytes], model: ServedModel, deadline: Deadline
    ) -> list[Prediction]:
        """Return a prediction per crop, computed now, in as few messages as may be."""
        if not crops:
            return []
        backend = self.models.backend(model)
        predictions: list[Prediction] = []
        with self._stage("infer", model, batch_size=len(crops)):
            for part in _messages(len(crops)):
                budget = deadline.budget(f"the model server {backend.name}")
                self.metrics.observe_batch(backend.name, len(crops[part]))
                predictions += await backend.predict(model, crops[part], budget)
        return predictions

    async def explain(
        self,
        crops: Sequence[bytes],
        classes: Sequence[int],
        model: ServedModel,
        deadline: Deadline,
    ) -> list[Explanation]:
        """Return an explanation per crop, for its class or, at -1, for the most probable one."""
        if not crops:
            return []
        backend = self.models.backend(model)
        explanations: list[Explanation] = []
        with self._stage("explain", model, batch_size=len(crops)):
            for part in _messages(len(crops)):
                budget = deadline.budget(f"the model server {backend.name}")
                explanations += await backend.explain(model, crops[part], classes[part], budget)
        return explanations

    @contextmanager
    def _stage(self, name: str, model: ServedModel, batch_size: int = 1) -> Iterator[None]:
        with (
            self.metrics.stage(name),
            span(
                name,
                model=model.name,
                version=model.model.version,
                framework=model.framework.value,
                batch_size=batch_size,
            ),
        ):
            yield


def _messages(faces: int) -> Iterator[slice]:
    for start in range(0, faces, FACES_PER_MESSAGE):
        yield slice(start, start + FACES_PER_MESSAGE)
