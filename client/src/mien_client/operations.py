"""What can be asked of Mien, as values: a transport knows how to word each one it offers."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from mien_client import types

T = TypeVar("T")


class Operation(Generic[T]):
    """A question whose answer is a T; asking it twice does no harm."""


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

    image: bytes
    model: str
    options: Options


@dataclass(frozen=True, slots=True)
class AnalyzeMany(Operation[list[types.Analysis | types.Problem]]):
    """The expressions of many pictures, with an answer or a problem for each."""

    images: tuple[bytes, ...]
    model: str
    options: Options


@dataclass(frozen=True, slots=True)
class Annotate(Operation[bytes]):
    """The picture with its faces drawn; the format is `jpeg` or `png`."""

    image: bytes
    model: str
    picture_format: str
    options: Options


@dataclass(frozen=True, slots=True)
class Compare(Operation[types.Comparison]):
    """The same faces through both twins."""

    image: bytes
    model: str


@dataclass(frozen=True, slots=True)
class Explain(Operation[types.Explanation]):
    """Where in each face the model found the expression."""

    image: bytes
    model: str
    label: str
    overlay: bool


@dataclass(frozen=True, slots=True)
class ListModels(Operation[list[types.Model]]):
    """Every model, the default first."""


@dataclass(frozen=True, slots=True)
class FindModel(Operation[types.Model]):
    """One model."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadCard(Operation[str]):
    """A model's card."""

    name: str


@dataclass(frozen=True, slots=True)
class AskStatus(Operation[types.Status]):
    """How everything is."""


@dataclass(frozen=True, slots=True)
class ReadNotice(Operation[types.Notice]):
    """What people must be told."""

    language: str


@dataclass(frozen=True, slots=True)
class ReadTimeline(Operation[types.TimelinePage]):
    """A page of what was seen under a session's id, times in seconds since 1970."""

    session: str
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class ForgetTimeline(Operation[None]):
    """Everything under a session's id is deleted."""

    session: str


@dataclass(frozen=True, slots=True)
class FindVideo(Operation[types.VideoJob]):
    """How a job is."""

    video: str


@dataclass(frozen=True, slots=True)
class CancelVideo(Operation[types.VideoJob]):
    """A job under way is ended."""

    video: str


@dataclass(frozen=True, slots=True)
class DeleteVideo(Operation[None]):
    """A job and everything that came of it is deleted."""

    video: str


@dataclass(frozen=True, slots=True)
class ReadResults(Operation[types.VideoResults]):
    """Everything that was found in a video."""

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
