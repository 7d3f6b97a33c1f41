"""The shapes of the documents, for the API's description; answers are not built by them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Point(_Document):
    """A place in the upright picture, in pixels."""

    x: float
    y: float


class Box(_Document):
    """Where a face is, in pixels of the upright picture."""

    x: float
    y: float
    width: float
    height: float


class Landmarks(_Document):
    """Left and right as the viewer sees them."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point


class Expression(_Document):
    """A label and how probable it is."""

    label: str
    probability: Probability


class Face(_Document):
    """One face; they come largest first."""

    index: int
    box: Box
    landmarks: Landmarks
    detection_score: Probability
    top: Expression
    probabilities: dict[str, Probability]


class ModelRef(_Document):
    """Which model answered."""

    name: str
    version: int
    framework: Literal["pytorch", "tensorflow"]


class Detector(_Document):
    """Which detector found the faces."""

    name: str
    version: str


class ImageSize(_Document):
    """Of the upright picture, in pixels."""

    width: int
    height: int


class TimingsMs(_Document):
    """Milliseconds per stage, with the network."""

    cache: float
    detect: float
    infer: float
    total: float


class Analysis(_Document):
    """The answer of /v1/analyze."""

    request_id: str
    model: ModelRef
    detector: Detector
    image: ImageSize
    faces: list[Face]
    cache: Literal["hit", "miss", "bypass"]
    served_by: str
    timings_ms: TimingsMs


class Emotion(_Document):
    """The answer of /predict_emotion."""

    emotion: str
    confidence: Probability


class CropShape(_Document):
    """The shape of one face as the model takes it."""

    height: int
    width: int
    channels: int


class Model(_Document):
    """A model that can be asked for."""

    name: str
    version: int
    framework: Literal["pytorch", "tensorflow"]
    architecture: str
    dataset: str
    labels: list[str]
    input: CropShape
    licence: str
    metrics: dict[str, float]
    server: str
    default: bool
    ready: bool


class ModelList(_Document):
    """The answer of /v1/models."""

    models: list[Model]


class Readiness(_Document):
    """The answer of /readyz."""

    status: Literal["ready", "not ready", "draining"]
    parts: dict[str, Literal["up", "down", "off"]]
    models: dict[str, bool]
    detector: str


class Problem(_Document):
    """An error, by RFC 9457; programs rely on `code`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str


class NoticeSection(_Document):
    """A heading and what is under it."""

    heading: str
    text: str


class Notice(_Document):
    """What people whose faces are looked at must be told."""

    language: str
    languages: list[str]
    title: str
    intended_purpose: str
    operator: str
    pictures_kept_seconds: float
    answers_kept_seconds: float
    sections: list[NoticeSection]
