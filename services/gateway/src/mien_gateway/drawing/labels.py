"""What is written beside a face."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mien_gateway.domain import Box, Face


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFace:
    """A face with the words and numbers to draw.

    Attributes:
        label: a model's label, or a word such as `uncertain`.
        bars: every label with its probability, in the order to draw them.
        track: the face's number in a video; None in a single picture.
    """

    box: Box
    label: str
    probability: float
    bars: tuple[tuple[str, float], ...]
    track: int | None = None

    @property
    def caption(self) -> str:
        """The line over the box."""
        number = "" if self.track is None else f"#{self.track} "
        return f"{number}{self.label} {self.probability:.0%}".replace("%", " %")

    def scaled(self, factor: float) -> "LabelledFace":
        """Return the same face in a picture scaled by `factor`."""
        box = self.box
        x, y, width, height = (value * factor for value in (box.x, box.y, box.width, box.height))
        return replace(self, box=Box(x, y, width, height))


def labelled(
    face: Face,
    labels: Sequence[str],
    *,
    word: str = "",
    top: int | None = None,
    track: int | None = None,
) -> LabelledFace:
    """Return what to draw of a face.

    `top` is the label to show where it is not the most probable one; `word` stands in
    place of its name.
    """
    shown = face.top if top is None else top
    return LabelledFace(
        box=face.box,
        label=word or labels[shown],
        probability=face.probabilities[shown],
        bars=tuple(zip(labels, face.probabilities, strict=True)),
        track=track,
    )
