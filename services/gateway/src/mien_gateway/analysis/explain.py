"""Where in each face a model found the expression that it names."""

from dataclasses import dataclass
from time import perf_counter

from mien_gateway.analysis.pipeline import face_of
from mien_gateway.analysis.stages import Stages
from mien_gateway.domain import (
    AnalysisRequest,
    DetectedFace,
    Detection,
    Explanation,
    Face,
    check_image,
)
from mien_gateway.errors import UnknownLabelError
from mien_gateway.resilience.failover import Failover
from mien_gateway.resilience.limits import FairLimit
from mien_models.registry import ServedModel

_TOP = -1


@dataclass(frozen=True, slots=True)
class ExplainedFace:
    """A face, the class that was explained, and its map."""

    face: Face
    crop: bytes
    explained: int
    heat: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer to one request."""

    model: ServedModel
    detection: Detection
    faces: tuple[ExplainedFace, ...]
    served_by: str
    detect_seconds: float
    explain_seconds: float


class Explainer:
    """Asks the model server for Grad-CAM maps; nothing of it is kept."""

    def __init__(self, *, stages: Stages, in_flight: FairLimit, max_image_bytes: int) -> None:
        self._stages = stages
        self._in_flight = in_flight
        self._max_image_bytes = max_image_bytes
        self._failover = Failover(stages.models, stages.metrics)

    async def explain(self, request: AnalysisRequest, label: str = "") -> Explained:
        """Return a map per face for the label or, without one, for each face's own top label.

        Raises UnknownLabelError, and what an analysis raises.
        """
        model = self._stages.models.resolve(request.model)
        wanted = _class_of(label, model)
        check_image(request.image, self._max_image_bytes)
        with self._in_flight.reserve(request.caller, 1):
            started = perf_counter()
            detection = await self._stages.detect(request.image, model, request.deadline)
            detected = perf_counter()
            asked, explanations = await self._failover.call(
                model,
                lambda served: self._ask(served, detection, wanted, request),
                allowed=request.allow_twin,
            )
            ended = perf_counter()
        return Explained(
            model=asked,
            detection=detection,
            faces=tuple(
                _explained(face, one, wanted)
                for face, one in zip(detection.faces, explanations, strict=True)
            ),
            served_by=explanations[0].served_by if explanations else "",
            detect_seconds=detected - started,
            explain_seconds=ended - detected,
        )

    async def _ask(
        self, model: ServedModel, detection: Detection, wanted: int, request: AnalysisRequest
    ) -> tuple[ServedModel, list[Explanation]]:
        crops = [face.crop for face in detection.faces]
        return model, await self._stages.explain(
            crops, [wanted] * len(crops), model, request.deadline
        )


def _class_of(label: str, model: ServedModel) -> int:
    if not label:
        return _TOP
    try:
        return model.model.labels.index(label)
    except ValueError:
        raise UnknownLabelError(label, model.model.labels) from None


def _explained(found: DetectedFace, explanation: Explanation, wanted: int) -> ExplainedFace:
    face = face_of(found, explanation)
    explained = face.top if wanted == _TOP else wanted
    return ExplainedFace(face, found.crop, explained, explanation.heat)
