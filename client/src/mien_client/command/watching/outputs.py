"""Live results as they are written: a line of JSON per frame, rows of CSV per face."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self, TextIO

from mien_client.command.documents import line, plain
from mien_client.command.rows import PLACE, TOP, cells, row
from mien_client.command.saving import cannot_write
from mien_client.command.terminal import Terminal
from mien_client.types import FrameProblem, FrameResult


class FrameOutput(Protocol):
    """Takes one answer after the other; times are seconds since the beginning."""

    def begin(self, labels: Sequence[str]) -> None:
        """Take the model's labels, before the first frame."""

    def result(self, seconds: float, latency_ms: float, result: FrameResult) -> None:
        """Take what was found in a frame."""

    def problem(self, seconds: float, problem: FrameProblem) -> None:
        """Take why a frame has no result."""


class FrameJson:
    """A line per frame on stdout."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def begin(self, labels: Sequence[str]) -> None:
        """Need no header."""

    def result(self, seconds: float, latency_ms: float, result: FrameResult) -> None:
        """Write a line with the analysis."""
        begin = {"time_seconds": seconds, "latency_ms": round(latency_ms, 1), "frame": result.frame}
        self._terminal.write(line(begin | plain(result.analysis)))

    def problem(self, seconds: float, problem: FrameProblem) -> None:
        """Write a line with the problem."""
        reason = {"code": problem.code, "detail": problem.detail}
        begin = {"time_seconds": seconds, "frame": problem.frame}
        self._terminal.write(line(begin | {"problem": reason}))


class FrameCsv:
    """A header, and a row per frame and face, in a file."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._labels: Sequence[str] = ()

    @classmethod
    @contextmanager
    def writing(cls, path: Path | None) -> Iterator[Self | None]:
        """Yield what writes this file, which is whole however the command ends.

        Raises:
            CommandError: it cannot be written.
        """
        if path is None:
            yield None
            return
        try:
            file = path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise cannot_write(path, error) from error
        with file:
            yield cls(file)

    def begin(self, labels: Sequence[str]) -> None:
        """Write the header: each label is a column."""
        self._labels = labels
        self._file.write(row(["time_seconds", "track", *PLACE, *TOP, *labels]))

    def result(self, seconds: float, latency_ms: float, result: FrameResult) -> None:
        """Write a row per face."""
        del latency_ms
        for face in result.faces:
            columns = cells(face.box, face.top, face.probabilities, self._labels)
            self._file.write(row([seconds, face.track or 0, *columns]))

    def problem(self, seconds: float, problem: FrameProblem) -> None:
        """Leave it to the summary: there is no face to write of."""
