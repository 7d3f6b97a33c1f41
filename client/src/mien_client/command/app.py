"""`mien`: asks a running Mien from the command line."""

import os
import sys
from importlib.metadata import version
from io import TextIOWrapper
from traceback import extract_tb
from typing import Annotated, NoReturn

import typer

from mien_client.command import connection as options
from mien_client.command.analyze import analyze
from mien_client.command.compare import compare
from mien_client.command.explain import explain
from mien_client.command.faults import CommandError, ReaderGoneError
from mien_client.command.models import models
from mien_client.command.status import status
from mien_client.command.statuses import HELP, ExitStatus
from mien_client.command.subcommand import subcommand
from mien_client.command.telling import told
from mien_client.command.terminal import CAPTION, Terminal
from mien_client.command.video import video
from mien_client.command.watch import watch
from mien_client.errors import MienError

app = typer.Typer(
    name="mien",
    help=f"Ask Mien for the expressions in pictures, videos and live streams. {CAPTION}",
    epilog=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for function in (analyze, video, watch, compare, explain, models, status):
    app.command()(subcommand(function))


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"mien {version('mien-client')}\n")
        raise typer.Exit


@app.callback()
def connect(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Option(
            envvar="MIEN_URL", metavar="URL", rich_help_panel=options.PANEL, help=options.URL_HELP
        ),
    ] = options.DEFAULT_URL,
    api_key: Annotated[
        str,
        typer.Option(
            envvar="MIEN_API_KEY",
            metavar="KEY",
            show_default=False,
            rich_help_panel=options.PANEL,
            help=options.KEY_HELP,
        ),
    ] = "",
    timeout: Annotated[
        float,
        typer.Option(
            min=0.01,
            max=options.MAX_TIMEOUT_SECONDS,
            metavar="SECONDS",
            rich_help_panel=options.PANEL,
            help=options.TIMEOUT_HELP,
        ),
    ] = options.DEFAULT_TIMEOUT_SECONDS,
    show_version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Tell the version."),
    ] = False,
) -> None:
    """Note how the server is reached."""
    del show_version  # its callback has done it
    connection = options.Connection(url=url, api_key=api_key, timeout=timeout)
    context.obj = options.Invocation(connection, Terminal.standard())


def run() -> NoReturn:
    """Do what the command line asks, and end with its exit status."""
    # Python has no stream where one was closed (`>&-`), and libraries expect one.
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(
                sys,
                name,
                os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"),
            )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Names of files need not be text, and a terminal need not know every character.
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run()
        sys.stdout.flush()
    except (ReaderGoneError, BrokenPipeError):
        # Python would complain about what it cannot write any more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = ExitStatus.WELL
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    sys.exit(status)


def _run() -> int:
    terminal = Terminal.standard()
    try:
        app(prog_name="mien")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitStatus.WELL
    except MienError as error:
        return _complain(terminal, told(error))
    except CommandError as error:
        return _complain(terminal, error)
    except (ReaderGoneError, BrokenPipeError):
        raise
    except OSError as error:
        # What is written to may be full, what is read may go away.
        terminal.complain(error.strerror or str(error), error.filename or "")
        return ExitStatus.FAILED
    except Exception as error:  # noqa: BLE001 - nobody should have to read a traceback
        where = extract_tb(error.__traceback__)[-1]
        terminal.complain(
            f"a fault of this command: {type(error).__name__}: {error}",
            f"Please report it, with {where.name}:{where.lineno} and what you typed.",
        )
        return ExitStatus.FAULT
    return ExitStatus.WELL


def _complain(terminal: Terminal, error: CommandError) -> int:
    terminal.complain(error.sentence, error.remedy)
    return error.status
