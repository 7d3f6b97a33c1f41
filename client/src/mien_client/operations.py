"""What can be asked of Mien, as values: a transport knows how to word each one it offers."""

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from mien_client import types

T = TypeVar("T")


class Operation(Generic[T]):
    """A question whose answer is a T; asking it twice does no harm.

    Attributes:
        call: the client's method for it.
    """

    call: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may want of an analysis besides the model."""

    minimum_confidence: float | None = None
    allow_twin: bool = False
    session: str = ""
    no_store: bool = False


@dataclass(frozen=True, slots=True)
class Analyze(Operation[types.Analysis]):
    """The expressions of one picture."""

    call = "analyze"

    image: bytes
    model: str
    options: Options


@dataclass(frozen=True, slots=True)
class AnalyzeMany(Operation[list[types.Analysis | types.Problem]]):
    """The expressions of many pictures, with an answer or a problem for each."""

    call = "analyze_many"

    images: tuple[bytes, ...]
    model: str
    options: Options


@dataclass(frozen=True, slots=True)
class Annotate(Operation[bytes]):
    """The picture with its faces drawn; the format is `jpeg` or `png`."""

    call = "annotated"

    image: bytes
    model: str
    picture_format: str
    options: Options


@dataclass(frozen=True, slots=True)
class Compare(Operation[types.Comparison]):
    """The same faces through both twins."""

    call = "compare"

    image: bytes
    model: str


@dataclass(frozen=True, slots=True)
class Explain(Operation[types.Explanation]):
    """Where in each face the model found the expression."""

    call = "explain"

    image: bytes
    model: str
    label: str
    overlay: bool


@dataclass(frozen=True, slots=True)
class ListModels(Operation[list[types.Model]]):
    """Every model, the default first."""

    call = "models"


@dataclass(frozen=True, slots=True)
class FindModel(Operation[types.Model]):
    """One model."""

    call = "model"

    name: str


@dataclass(frozen=True, slots=True)
class ReadCard(Operation[str]):
    """A model's card."""

    call = "card"

    name: str


@dataclass(frozen=True, slots=True)
class AskStatus(Operation[types.Status]):
    """How everything is."""

    call = "status"


@dataclass(frozen=True, slots=True)
class ReadNotice(Operation[types.Notice]):
    """What people must be told."""

    call = "notice"

    language: str


@dataclass(frozen=True, slots=True)
class ReadTimeline(Operation[types.TimelinePage]):
    """A page of what was seen under a session's id.

    Times are in seconds since 1970; `start` may also be `next` of the page before.
    """

    call = "timeline"

    session: str
    start: float | str
    end: float | None


@dataclass(frozen=True, slots=True)
class ForgetTimeline(Operation[None]):
    """Everything under a session's id is deleted."""

    call = "forget"

    session: str


@dataclass(frozen=True, slots=True)
class FindVideo(Operation[types.VideoJob]):
    """How a job is."""

    call = "video"

    video: str


@dataclass(frozen=True, slots=True)
class CancelVideo(Operation[types.VideoJob]):
    """A job under way is ended."""

    call = "cancel_video"

    video: str


@dataclass(frozen=True, slots=True)
class DeleteVideo(Operation[None]):
    """A job and everything that came of it is deleted."""

    call = "delete_video"

    video: str


@dataclass(frozen=True, slots=True)
class ReadResults(Operation[types.VideoResults]):
    """Everything that was found in a video."""

    call = "video_results"

    video: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStart:
    """How a live stream begins; None leaves the choice to the gateway."""

    consent: bool
    model: str = ""
    session: str = ""
    smoothing_seconds: float | None = None
    hold_seconds: float | None = None
    allow_twin: bool = False
    minimum_confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoWish:
    """How a video is to be analysed; None leaves the choice to the gateway."""

    model: str = ""
    sample_rate: float | None = None
    start: float | None = None
    end: float | None = None
    annotate: bool | None = None
    smoothing_seconds: float | None = None
