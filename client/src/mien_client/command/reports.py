"""The analyses of pictures, as a table, as JSON, as CSV."""

from collections.abc import Sequence
from typing import Protocol

from rich import box
from rich.table import Table
from rich.text import Text

from mien_client.command import probabilities
from mien_client.command.documents import line, plain
from mien_client.command.rows import PLACE, QUALITY, TOP, cells, quality_cells, row
from mien_client.command.terminal import Terminal, printable
from mien_client.types import Analysis, Face, Problem


class Report(Protocol):
    """Takes what was found in one picture after the other."""

    def add(self, name: str, analysis: Analysis) -> None:
        """Take one picture's analysis."""

    def fail(self, name: str, problem: Problem) -> None:
        """Take why a picture has none."""

    def end(self) -> None:
        """Write what has not been written yet; called however the command ends."""


class JsonLines:
    """A line per picture, as soon as it is there."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def add(self, name: str, analysis: Analysis) -> None:
        """Write the analysis with the picture's name as `file`."""
        self._terminal.write(line({"file": name} | plain(analysis)))

    def fail(self, name: str, problem: Problem) -> None:
        """Write the problem in place of the analysis."""
        self._terminal.write(line({"file": name, "problem": problem}))

    def end(self) -> None:
        """Nothing is left."""


class CsvRows:
    """A header, and a row per face; a picture without one has a row that says why."""

    def __init__(self, terminal: Terminal, labels: Sequence[str]) -> None:
        """Take the model's labels, each of which is a column."""
        self._terminal = terminal
        self._labels = labels
        terminal.write(row(["file", "face", *PLACE, *TOP, *labels, *QUALITY, "problem", "detail"]))

    def add(self, name: str, analysis: Analysis) -> None:
        """Write a row per face."""
        for face in analysis.faces:
            columns = cells(face.box, face.top, face.probabilities, self._labels)
            quality = quality_cells(face.quality)
            self._terminal.write(row([name, face.index + 1, *columns, *quality, "", ""]))
        if not analysis.faces:
            self.fail(name, Problem("no_face", "there is no face in it"))

    def fail(self, name: str, problem: Problem) -> None:
        """Write a row of the reason alone."""
        empty = [""] * len((*PLACE, *TOP, *self._labels, *QUALITY))
        self._terminal.write(row([name, "", *empty, problem.code, problem.detail]))

    def end(self) -> None:
        """Nothing is left."""


class FaceTable:
    """One table, written at the end, when the columns' widths are known."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._rows: list[tuple[str | Text, ...]] = []
        self._remarks = False
        self._answered_by: set[str] = set()

    def add(self, name: str, analysis: Analysis) -> None:
        """Take a row per face."""
        if not analysis.faces:
            self._rows.append((Text(printable(name)), "-", Text("no face", style="dim")))
        for face in analysis.faces:
            self._rows.append((Text(printable(name)), *_columns(face)))
            self._remarks |= bool(face.quality.issues)
        if analysis.served_by:
            self._answered_by.add(f"{analysis.model.name}, served by {analysis.served_by}")

    def fail(self, name: str, problem: Problem) -> None:
        """Take a row that says so; the reason is on stderr."""
        del problem
        self._rows.append((Text(printable(name)), "-", Text("not analysed", style="red")))

    def end(self) -> None:
        """Write the table, if there is anything in it."""
        if not self._rows:
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("Picture", overflow="fold")
        for heading in ("Face", "Expression", "Probability"):
            table.add_column(heading, no_wrap=True)
        for heading in ("Next", "Place", *(("Remarks",) if self._remarks else ())):
            table.add_column(heading)
        for cells_of_row in self._rows:
            table.add_row(*cells_of_row[: len(table.columns)])
        self._terminal.show(table, *sorted(self._answered_by))
        self._terminal.caption()


def _columns(face: Face) -> tuple[str | Text, ...]:
    return (
        str(face.index + 1),
        Text(face.top.label, style="bold"),
        probabilities.with_bar(face.top),
        probabilities.others(face.probabilities, face.top),
        probabilities.place(face.box),
        Text(probabilities.remarks(face.quality.issues), style="yellow"),
    )
