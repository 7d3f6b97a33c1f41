"""What a report is made of: sentences, tables and plots, each as Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol


class Block(Protocol):
    """A part of a section."""

    def markdown(self) -> str:
        """Return it as Markdown, without a line break at the end."""


@dataclass(frozen=True, slots=True)
class Text:
    """Sentences, or a list: Markdown as it is."""

    text: str

    def markdown(self) -> str:
        """Return the text."""
        return self.text.strip()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers; a cell is Markdown, or anything that reads well as text."""

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    numbers_from: int = 1
    """The first column that is right-aligned; those before it are names."""

    def markdown(self) -> str:
        """Return a table with pipes."""
        rule = [
            "---" if place < self.numbers_from else "---:" for place in range(len(self.headers))
        ]
        lines = [self.headers, rule, *self.rows]
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


@dataclass(frozen=True)
class Plot:
    """A picture beside the report, as the file `<name>.svg`."""

    name: str
    draw: Callable[[], str]
    """Returns the SVG; called once, when the report is written."""
    alt: str
    """What it shows, for those who do not see it."""

    @cached_property
    def svg(self) -> str:
        """The drawing."""
        return self.draw()

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.svg"

    def markdown(self) -> str:
        """Return the reference to its file."""
        return f"![{self.alt}]({self.file})"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
