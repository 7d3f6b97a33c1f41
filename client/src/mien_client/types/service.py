"""What a Mien has to offer, how it is, and what it must tell people."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CropShape:
    """The shape in which a model takes a face; 1 channel is grey, 3 are RGB."""

    height: int
    width: int
    channels: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked for.

    Attributes:
        framework: `pytorch` or `tensorflow`.
        metrics: as measured, by name; the model's card explains them.
        server: what serves it; empty over gRPC, which does not tell.
        ready: whether it can answer now; None over gRPC, which does not tell.
    """

    name: str
    version: int
    framework: str
    architecture: str
    dataset: str
    labels: tuple[str, ...]
    input: CropShape
    licence: str
    metrics: Mapping[str, float]
    default: bool
    server: str = ""
    ready: bool | None = None


@dataclass(frozen=True, slots=True)
class ModelList:
    """Every model, the default first."""

    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Whether pictures can be analysed, and how each part is.

    Attributes:
        status: `ready`, `degraded`, `not ready` or `draining`.
        parts: each `up`, `down` or `off`; empty over gRPC, which does not tell.
        models: whether each can answer now; empty over gRPC.
    """

    status: str
    parts: Mapping[str, str]
    models: Mapping[str, bool]
    detector: str

    @property
    def ready(self) -> bool:
        """Whether pictures can be analysed now."""
        return self.status in ("ready", "degraded")


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """A heading and what is under it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What people whose faces are looked at must be told."""

    language: str
    languages: tuple[str, ...]
    title: str
    intended_purpose: str
    operator: str
    pictures_kept_seconds: float
    answers_kept_seconds: float
    sections: tuple[NoticeSection, ...]
