"""Expressions and their probabilities, as people read them."""

from collections.abc import Iterable

from rich.text import Text

from mien_client.command.bars import bar, percent
from mien_client.types import Box, Expression, Probabilities

_BAR_WIDTH = 10
_OTHERS = 2
_LITTLE = 0.005
"""Less than this is 0 % in whole percents."""


def with_bar(expression: Expression) -> Text:
    """Return the probability as a bar and a number."""
    drawn = bar(expression.probability, _BAR_WIDTH)
    return Text.assemble((drawn, "cyan"), f" {percent(expression.probability):>4}")


def others(probabilities: Probabilities, top: Expression) -> str:
    """Return the next likely expressions."""
    ranked = sorted(probabilities.items(), key=lambda each: -each[1])
    shown = [each for each in ranked if each[0] != top.label and each[1] >= _LITTLE]
    return ", ".join(f"{label} {percent(share)}" for label, share in shown[:_OTHERS])


def place(box: Box) -> str:
    """Return where a box is: its size and its upper left corner, in pixels."""
    return f"{box.width:.0f}x{box.height:.0f} at {box.x:.0f},{box.y:.0f}"


def remarks(issues: Iterable[str]) -> str:
    """Return what makes a face hard to judge."""
    return ", ".join(issue.replace("_", " ") for issue in issues)
