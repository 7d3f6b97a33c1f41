"""Bars for a video on its way to the server, and for the job that it becomes there."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from mien_client.command.terminal import Terminal, printable
from mien_client.types import VideoJob

_STATES = {"QUEUED": "waiting for a worker", "RUNNING": "analysing"}


class JobProgress:
    """Two bars on stderr; two sentences where that is no terminal."""

    def __init__(self, terminal: Terminal, name: str) -> None:
        self._terminal = terminal
        self._name = name
        self._said = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=terminal.err,
            transient=True,
            disable=not terminal.err.is_terminal,
        )
        description = f"sending {printable(name)}".replace("[", "\\[")
        self._upload = self._progress.add_task(description, total=None, note="")
        self._job = self._progress.add_task("analysing", total=1.0, start=False, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        self._say(f"sending {self._name}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def uploaded(self, sent: int, total: int) -> None:
        """Show how much of the video is sent, in bytes."""
        note = f"{sent / 1e6:.1f} of {total / 1e6:.1f} MB"
        self._progress.update(self._upload, completed=sent, total=total, note=note)

    def show(self, job: VideoJob) -> None:
        """Show how far the job is."""
        self._say(f"the server has it as job {job.id}")
        if job.state == "RUNNING":
            self._progress.start_task(self._job)
        self._progress.update(
            self._job,
            description=_STATES.get(job.state, job.state.lower()),
            completed=job.progress,
            note=f"{job.frames.done} of {job.frames.expected} frames",
        )

    def _say(self, sentence: str) -> None:
        if self._progress.disable and sentence != self._said:
            self._terminal.say(sentence)
            self._said = sentence
