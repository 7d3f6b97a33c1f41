"""Asks about one picture after the other; those that fail do not stop the rest."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mien_client.command.in_order import in_order
from mien_client.command.pictures import SUFFIXES, EmptyFolder, Picture, Selection
from mien_client.command.statuses import ExitStatus
from mien_client.command.telling import concerns_one_input, problem_of, told
from mien_client.command.terminal import Terminal
from mien_client.errors import BusyError, MienError
from mien_client.types import Problem

Answer = TypeVar("Answer")

AT_ONCE = 4
"""Pictures under way at a time: enough to keep a server on one machine busy."""
LONGEST_WAIT_SECONDS = 60.0
"""For a busy server that says how long it will be; `--timeout` does not count this."""
WAITS = 3
"""For one picture."""
_FEW = 4


@dataclass(frozen=True, slots=True)
class _Failure:
    problem: Problem
    advice: str = ""
    status: ExitStatus = ExitStatus.FAILED


class EachPicture(Generic[Answer]):
    """Yields an answer or a problem per picture, and says each problem on stderr."""

    def __init__(
        self,
        terminal: Terminal,
        ask: Callable[[bytes, Picture], Awaitable[Answer]],
        *,
        show_progress: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take how one picture is asked about; raises what concerns all pictures."""
        self._terminal = terminal
        self._ask = ask
        self._show_progress = show_progress
        self._sleep = sleep
        self._is_batch = False
        self._waiting = asyncio.Lock()
        self._has_waited = False
        self.status = ExitStatus.WELL
        """AWAY where the server was too slow or too busy for a picture, so that asking for it
        again may help; FAILED where a picture itself is at fault."""

    async def answers(
        self, selection: Selection
    ) -> AsyncGenerator[tuple[str, Answer | Problem], None]:
        """Yield each picture's name with its answer, in the order of the pictures.

        Raises:
            MienError: no picture can be asked about: the server is away, a name is wrong.
        """
        pictures = selection.pictures
        self._is_batch = len(pictures) > 1
        self._tell_left_out(selection.left_out)
        failed = 0
        with self._progress(len(pictures)) as progress:
            task = progress.add_task("", total=len(pictures))
            async with aclosing(in_order(self._answer, pictures, at_once=AT_ONCE)) as answers:
                async for name, answer in answers:
                    progress.advance(task)
                    if isinstance(answer, _Failure):
                        failed += 1
                        self.status = max(self.status, answer.status)
                        self._terminal.complain(f"{name}: {answer.problem.detail}", answer.advice)
                        yield name, answer.problem
                    else:
                        yield name, answer
        if failed and self._is_batch:
            self._terminal.say(f"{failed} of {len(pictures)} could not be analysed")

    async def _answer(self, picture: Picture | EmptyFolder) -> tuple[str, Answer | _Failure]:
        if isinstance(picture, EmptyFolder):
            problem = Problem("empty_folder", "there are no pictures in it")
            return picture.name, _Failure(problem)
        try:
            content = await asyncio.to_thread(picture.read)
        except OSError as error:
            problem = Problem("unreadable_file", error.strerror or str(error))
            return picture.name, _Failure(problem)
        try:
            return picture.name, await self._patient(content, picture)
        except MienError as error:
            if not concerns_one_input(error):
                raise
            said = told(error)
            return picture.name, _Failure(problem_of(error), said.remedy, said.status)

    async def _patient(self, content: bytes, picture: Picture) -> Answer:
        """Ask, and ask again where the server says how long it is busy for all pictures."""
        try:
            return await self._ask(content, picture)
        except BusyError as error:
            busy, since = error, time.monotonic()
        # One at a time: those that were refused together would be refused together again.
        async with self._waiting:
            for _ in range(WAITS):
                seconds = busy.retry_after_seconds
                if not self._is_batch or seconds is None or seconds > LONGEST_WAIT_SECONDS:
                    break
                if not self._has_waited:
                    self._has_waited = True
                    self._terminal.say(f"the server is busy: waiting {seconds:.0f} s", style="dim")
                await self._sleep(max(since + seconds - time.monotonic(), 0))
                try:
                    return await self._ask(content, picture)
                except BusyError as error:
                    busy, since = error, time.monotonic()
        raise busy

    def _tell_left_out(self, left_out: Counter[str]) -> None:
        if not left_out:
            return
        counts = (
            f"{count} {suffix or 'without a suffix'}" for suffix, count in sorted(left_out.items())
        )
        self._terminal.say(f"left out: {', '.join(counts)}", style="yellow")
        self._terminal.advise(
            f"Of a folder, {', '.join(SUFFIXES)} are sent. Convert other pictures to one of them, "
            "or name a file itself, which is then sent whatever it is called."
        )

    def _progress(self, pictures: int) -> Progress:
        worth_it = self._show_progress and pictures > _FEW and self._terminal.err.is_terminal
        return Progress(
            TextColumn("pictures"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self._terminal.err,
            transient=True,
            disable=not worth_it,
        )
