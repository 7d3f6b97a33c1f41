"""Two models side by side, and where a model looks."""

from collections.abc import Mapping
from dataclasses import dataclass

from mien_client.types.analysis import (
    Box,
    Detector,
    Expression,
    Face,
    ImageSize,
    ModelRef,
    Probabilities,
)


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One twin, and the milliseconds that all faces took it."""

    name: str
    version: int
    framework: str
    served_by: str
    infer_ms: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """What one twin says of a face."""

    top: Expression
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """A face, and what each twin says of it.

    Attributes:
        answers: by framework, `pytorch` and `tensorflow`.
        largest_difference: between two probabilities of the same label.
    """

    index: int
    box: Box
    answers: Mapping[str, Distribution]
    largest_difference: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same faces through both twins; `largest_difference` is over all of them."""

    request_id: str
    detector: Detector
    image: ImageSize
    models: tuple[ComparedModel, ...]
    faces: tuple[ComparedFace, ...]
    largest_difference: float
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How much each place of the face's crop speaks for the expression, 0 to 1.

    Attributes:
        rows: `height` rows of `width` values.
    """

    height: int
    width: int
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFace(Face):
    """A face with its map.

    Attributes:
        explained: the expression that the map speaks for.
        overlay_png: the face under its map, a PNG; empty unless it was asked for.
    """

    explained: Expression
    heat_map: HeatMap
    overlay_png: bytes = b""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Grad-CAM of each face of a picture, largest first."""

    request_id: str
    model: ModelRef
    detector: Detector
    image: ImageSize
    faces: tuple[ExplainedFace, ...]
    served_by: str
    timings_ms: Mapping[str, float]
