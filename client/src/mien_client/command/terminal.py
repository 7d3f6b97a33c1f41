"""Where output goes: data to stdout, everything said to people to stderr."""

import os
import sys
from typing import NoReturn, Self, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from mien_client.command.faults import ReaderGoneError

CAPTION = "An expression is what a face shows, not what a person feels."
# Wide enough for any table: what is written into a file is not cut to a terminal's width.
_FILE_WIDTH = 400


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise ReaderGoneError


class Terminal:
    """The two ways out of the command."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        """Take stdout and stderr; rich looks at COLUMNS, NO_COLOR and TERM."""
        self._stdout = out
        has_width = out.isatty() or os.environ.get("COLUMNS", "").isdigit()
        self.out = _Console(file=out, width=None if has_width else _FILE_WIDTH, highlight=False)
        self.err = Console(file=err, highlight=False)

    @classmethod
    def standard(cls) -> Self:
        """Return the process' own."""
        return cls(sys.stdout, sys.stderr)

    def show(self, *what: RenderableType) -> None:
        """Write something formatted to stdout; a string is taken as it is, without markup."""
        for each in what:
            shown = Text(printable(each)) if isinstance(each, str) else each
            self.out.print(shown, soft_wrap=isinstance(shown, Text))

    def caption(self) -> None:
        """Say what an expression is, to people; files and pipes go without it."""
        if self.out.is_terminal:
            self.out.print(Text(CAPTION, style="dim italic"))

    def write(self, text: str) -> None:
        """Write data to stdout as it is."""
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except BrokenPipeError:
            raise ReaderGoneError from None

    def say(self, sentence: str, *, style: str = "") -> None:
        """Tell people something on stderr."""
        self.err.print(Text(f"mien: {printable(sentence)}", style=style), soft_wrap=True)

    def complain(self, sentence: str, remedy: str = "") -> None:
        """Tell people on stderr what went wrong, and what they can do."""
        self.say(sentence, style="red")
        if remedy:
            self.advise(remedy)

    def advise(self, remedy: str) -> None:
        """Tell people on stderr what they can do about what was said before."""
        self.err.print(Text(f"  {printable(remedy)}"), soft_wrap=True)


def printable(text: str) -> str:
    """Return the text without what would steer a terminal: names of files may hold anything."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )
