"""The JSON documents of /v1 as schemas."""

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


class Quality(_Document):
    """How well a face can be judged; angles are estimates."""

    size_pixels: float
    sharpness: float
    yaw_degrees: float
    roll_degrees: float
    issues: list[Literal["too_small", "blurred", "turned"]]


class Face(_Document):
    """One face; they come largest first. The top label may be `uncertain`."""

    index: int
    box: Box
    landmarks: Landmarks
    detection_score: Probability
    top: Expression
    probabilities: dict[str, Probability]
    quality: Quality


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


class BatchResult(_Document):
    """One picture of a batch: an analysis or a problem."""

    id: str
    analysis: Analysis | None = None
    problem: "Problem | None" = None


class Batch(_Document):
    """The answer of /v1/analyze/batch, in the order of the pictures."""

    request_id: str
    succeeded: int
    failed: int
    results: list[BatchResult]


class ComparedModel(ModelRef):
    """One twin, and what its hop took for all faces."""

    served_by: str
    infer_ms: float


class Distribution(_Document):
    """What one twin says of a face."""

    top: Expression
    probabilities: dict[str, Probability]


class ComparedFace(_Document):
    """A face, and what each framework says of it."""

    index: int
    box: Box
    answers: dict[Literal["pytorch", "tensorflow"], Distribution]
    largest_difference: Probability


class Comparison(_Document):
    """The answer of /v1/compare."""

    request_id: str
    detector: Detector
    image: ImageSize
    models: list[ComparedModel]
    faces: list[ComparedFace]
    largest_difference: Probability
    timings_ms: dict[str, float]


class HeatMap(_Document):
    """How much each pixel of the crop speaks for the expression, row by row."""

    height: int
    width: int
    rows: list[list[Probability]]


class ExplainedFace(Face):
    """A face with the expression that was explained, and its map."""

    explained: Expression
    heat_map: HeatMap
    overlay_png: str | None = None


class Explanation(_Document):
    """The answer of /v1/explain."""

    request_id: str
    model: ModelRef
    detector: Detector
    image: ImageSize
    faces: list[ExplainedFace]
    served_by: str
    timings_ms: dict[str, float]


class Seen(_Document):
    """One face at one time; track 0 stands for a face that was not followed."""

    track: int
    label: str
    probabilities: dict[str, Probability]


class TimelineEntry(_Document):
    """What was seen at one time, in seconds since 1970."""

    at: float
    model: str
    faces: list[Seen]


class Timeline(_Document):
    """The answer of /v1/sessions/{id}/timeline, oldest first; `next` is the next page's `start`."""

    entries: list[TimelineEntry]
    next: str | None


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
    card: str
    server: str
    default: bool
    ready: bool


class ModelList(_Document):
    """The answer of /v1/models."""

    models: list[Model]


class Liveness(_Document):
    """The answer of /healthz."""

    status: Literal["alive"]


class Readiness(_Document):
    """The answer of /readyz."""

    status: Literal["ready", "degraded", "not ready", "draining"]
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


class VideoFrames(_Document):
    """How many frames; `expected` is an estimate until the job has succeeded."""

    done: int
    expected: int
    unreadable: int


class VideoOptions(_Document):
    """What was asked for."""

    sample_rate: float
    start: float
    end: float | None
    annotate: bool
    smoothing_seconds: float | None


class VideoProblem(_Document):
    """Why a job failed; programs rely on `code`."""

    code: str
    detail: str


class VideoJob(_Document):
    """How a job is."""

    id: str
    state: Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    progress: Probability
    frames: VideoFrames
    created: str
    started: str | None
    ended: str | None
    model: str
    options: VideoOptions
    problem: VideoProblem | None
    links: dict[str, str]


class VideoFace(_Document):
    """A face in a frame; its probabilities are smoothed over time."""

    track: int
    box: Box
    detection_score: Probability
    top: Expression
    probabilities: dict[str, Probability]


class VideoFrame(_Document):
    """A frame with its faces."""

    time_seconds: float
    faces: list[VideoFace]


class VideoResults(_Document):
    """The answer of results.json: the job, and what was found."""

    job: VideoJob
    labels: list[str]
    frames: list[VideoFrame]
