"""Faces as rows of CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields

from mien_client.types import Box, Expression, Probabilities, Quality

PLACE = ("x", "y", "width", "height")
"""Of the face's box, in pixels of the upright picture."""
TOP = ("label", "confidence")
QUALITY = tuple(field.name for field in fields(Quality))
"""How well the face can be judged; `issues` are separated by spaces."""


def row(values: Iterable[object]) -> str:
    """Return one line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def cells(
    box: Box, top: Expression, probabilities: Probabilities, labels: Sequence[str]
) -> list[object]:
    """Return the columns of PLACE and TOP and one per label; empty for a label without one."""
    shares = [probabilities.get(label, "") for label in labels]
    return [box.x, box.y, box.width, box.height, top.label, top.probability, *shares]


def quality_cells(quality: Quality) -> list[object]:
    """Return the columns of QUALITY."""
    return [" ".join(each) if isinstance(each, tuple) else each for each in astuple(quality)]
