"""Asks about one picture after the other; those that fail do not stop the rest."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mien_client.command.in_order import in_order
from mien_client.command.pictures import EmptyFolder, Picture
from mien_client.command.telling import concerns_one_input, remedy
from mien_client.command.terminal import Terminal
from mien_client.errors import MienError, RefusedError
from mien_client.types import Problem

Answer = TypeVar("Answer")

AT_ONCE = 4
"""Pictures under way at a time: enough to keep a server on one machine busy."""
_FEW = 4


class EachPicture(Generic[Answer]):
    """Yields an answer or a problem per picture, and says each problem on stderr."""

    def __init__(
        self,
        terminal: Terminal,
        ask: Callable[[bytes, Picture], Awaitable[Answer]],
        *,
        show_progress: bool,
    ) -> None:
        """Take how one picture is asked about; raises what concerns all pictures."""
        self._terminal = terminal
        self._ask = ask
        self._show_progress = show_progress
        self.failed = 0
        """Pictures so far without an answer."""

    async def answers(
        self, pictures: Sequence[Picture | EmptyFolder]
    ) -> AsyncGenerator[tuple[str, Answer | Problem], None]:
        """Yield each picture's name with its answer, in the order of the pictures.

        Raises:
            MienError: no picture can be asked about: the server is away, a name is wrong.
        """
        with self._progress(len(pictures)) as progress:
            task = progress.add_task("", total=len(pictures))
            async with aclosing(in_order(self._answer, pictures, at_once=AT_ONCE)) as answers:
                async for name, answer, advice in answers:
                    progress.advance(task)
                    if isinstance(answer, Problem):
                        self.failed += 1
                        self._terminal.complain(f"{name}: {answer.detail}", advice)
                    yield name, answer

    async def _answer(self, picture: Picture | EmptyFolder) -> tuple[str, Answer | Problem, str]:
        if isinstance(picture, EmptyFolder):
            return picture.name, Problem("empty_folder", "there are no pictures in it"), ""
        try:
            content = await asyncio.to_thread(picture.read)
        except OSError as error:
            return picture.name, Problem("unreadable_file", error.strerror or str(error)), ""
        try:
            return picture.name, await self._ask(content, picture), ""
        except MienError as error:
            if not concerns_one_input(error):
                raise
            code = error.code if isinstance(error, RefusedError) else "failed"
            return picture.name, Problem(code, str(error)), remedy(error)

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
