"""What is said of a face: its label, how sure, and how well it can be judged.

Probabilities are facts and are kept; a judgement depends on what the caller wants to be
told, and is made anew for every answer.
"""

from dataclasses import dataclass, field

from mien_gateway.analysis.quality import Quality, QualityLimits, assess
from mien_gateway.domain import Analysis, Face
from mien_gateway.errors import InvalidRequestError

UNCERTAIN = "uncertain"


def check_minimum_confidence(value: float) -> float:
    """Return the value; raises InvalidRequestError where it is no number from 0 to 1."""
    if not 0 <= value <= 1:  # NaN is not, either
        message = "`minimum_confidence` must be a number from 0 to 1"
        raise InvalidRequestError(message)
    return value


@dataclass(frozen=True, slots=True)
class Judgement:
    """A face's label; `uncertain` where no expression is probable enough."""

    label: str
    probability: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class Judge:
    """Names the expression of a face, or does not."""

    minimum_confidence: float = 0.0
    limits: QualityLimits = field(default_factory=QualityLimits)

    def judge(self, face: Face, labels: tuple[str, ...], top: int | None = None) -> Judgement:
        """Return what is said of a face with probabilities in the order of `labels`.

        `top` is the label to tell where it is not the most probable one: a stream holds it.
        """
        shown = face.top if top is None else top
        probability = face.probabilities[shown]
        sure = probability >= self.minimum_confidence
        return Judgement(
            label=labels[shown] if sure else UNCERTAIN,
            probability=probability,
            quality=assess(face, self.limits),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """An analysis with a judgement per face and, in streams, each face's track."""

    analysis: Analysis
    judgements: tuple[Judgement, ...]
    tracks: tuple[int, ...] = ()
