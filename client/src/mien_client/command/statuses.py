"""How the command can end."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status; scripts rely on these numbers, so they never change their meaning."""

    WELL = 0
    FAILED = 1
    """Something that was given in could not be analysed; the rest was."""
    MISUSED = 2
    """An argument, an option, a name or a key is wrong: nothing was done."""
    AWAY = 3
    """The server cannot be reached, is not ready, is too busy, or did not answer in time; for
    one of several pictures, the others are analysed all the same."""
    FAULT = 70
    """A fault of the command itself."""
    INTERRUPTED = 130
    """Ctrl+C."""


HELP = """\
Exit status: 0 all went well. 1 something that was given in could not be analysed; the rest was. \
2 a wrong argument, name or key. 3 the server cannot be reached, is not ready, too busy or too \
slow, be it for one picture of several. \
70 a fault of this command. 130 interrupted."""
