"""Holding the figures that a model states to those that are measured anew."""

from collections.abc import Iterator
from typing import Any

from mien_training.evaluation.metrics import Figures

# Another processor rounds differently: of 3,589 faces one may change sides.
TOLERANCE = 0.0005


def differing(stated: Figures | None, measured: Figures) -> list[str]:
    """Return a sentence about every figure that is not what was stated."""
    if stated is None:
        return ["nothing is stated for this framework; run the command without --check"]
    found = measured.model_dump()
    return [
        sentence
        for name, value in stated.model_dump().items()
        if name != "confusion"  # the others all follow from it
        for sentence in _compare(name, value, found[name])
    ]


def _compare(name: str, stated: Any, measured: Any) -> Iterator[str]:
    if isinstance(stated, tuple):
        for index, pair in enumerate(zip(stated, measured, strict=True)):
            yield from _compare(f"{name}[{index}]", *pair)
    elif abs(stated - measured) > TOLERANCE:
        yield f"{name} is stated as {stated}, measured as {measured}"
