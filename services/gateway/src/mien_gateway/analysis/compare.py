"""Both twins of a model on the same crops, side by side."""

from dataclasses import dataclass
from time import perf_counter

from mien_gateway.analysis.pipeline import face_of
from mien_gateway.analysis.stages import Stages
from mien_gateway.domain import AnalysisRequest, Detection, Face, check_image
from mien_gateway.errors import NoTwinError
from mien_gateway.resilience.limits import FairLimit
from mien_models.registry import Framework, ServedModel


@dataclass(frozen=True, slots=True)
class TwinAnswer:
    """One twin's answer for every face, and what it took."""

    model: ServedModel
    faces: tuple[Face, ...]
    served_by: str
    infer_seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both twins' answers, PyTorch's first."""

    detection: Detection
    detect_seconds: float
    twins: tuple[TwinAnswer, TwinAnswer]

    def difference(self, face: int) -> float:
        """Return the largest difference between the twins' probabilities for one face."""
        first, second = (twin.faces[face].probabilities for twin in self.twins)
        return max(abs(one - other) for one, other in zip(first, second, strict=True))

    @property
    def largest_difference(self) -> float:
        """Over all faces; 0 where there is none."""
        return max(map(self.difference, range(len(self.detection.faces))), default=0.0)


class Comparer:
    """Asks the twins one after the other: at once, each would slow the other down.

    The cache is left out of it, for the latencies are half of the answer.
    """

    def __init__(self, *, stages: Stages, in_flight: FairLimit, max_image_bytes: int) -> None:
        self._stages = stages
        self._in_flight = in_flight
        self._max_image_bytes = max_image_bytes

    async def compare(self, request: AnalysisRequest) -> Comparison:
        """Return what both twins of the asked model say of a picture.

        Raises NoTwinError where the model is served in one framework only, and what an
        analysis raises.
        """
        models = self._twins(request.model)
        check_image(request.image, self._max_image_bytes)
        with self._in_flight.reserve(request.caller, 1):
            started = perf_counter()
            detection = await self._stages.detect(request.image, models[0], request.deadline)
            detect_seconds = perf_counter() - started
            first = await self._ask(models[0], detection, request)
            second = await self._ask(models[1], detection, request)
        return Comparison(detection, detect_seconds, (first, second))

    def _twins(self, name: str) -> tuple[ServedModel, ServedModel]:
        model = self._stages.models.resolve(name)
        twin = self._stages.models.twin(model)
        if twin is None:
            raise NoTwinError(model.name)
        return (model, twin) if model.framework is Framework.PYTORCH else (twin, model)

    async def _ask(
        self, model: ServedModel, detection: Detection, request: AnalysisRequest
    ) -> TwinAnswer:
        started = perf_counter()
        crops = [face.crop for face in detection.faces]
        predictions = await self._stages.predict(crops, model, request.deadline)
        return TwinAnswer(
            model=model,
            faces=tuple(map(face_of, detection.faces, predictions)),
            served_by=predictions[0].served_by if predictions else "",
            infer_seconds=perf_counter() - started if crops else 0.0,
        )
