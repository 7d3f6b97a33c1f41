"""`mien status`: whether pictures can be analysed, and how each part is."""

import time
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from mien_client import Client
from mien_client.command.clients import client
from mien_client.command.connection import Invocation
from mien_client.command.documents import plain, pretty
from mien_client.command.options import AsJson
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal
from mien_client.errors import (
    AnswerTimeoutError,
    MienError,
    UnavailableError,
    UnreachableError,
)
from mien_client.types import Status

_PAUSE_SECONDS = 0.5
_STYLES = {"up": "green", "ready": "green", "down": "red", "not ready": "red"}


def status(
    invocation: Invocation,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait so long until it is ready.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Tell whether pictures can be analysed; the exit status is 3 unless they can."""
    terminal = invocation.terminal
    with client(invocation.connection) as asking:
        found = _patiently(asking, terminal, wait) if wait else asking.status()
    if as_json:
        terminal.write(pretty(plain(found) | {"ready": found.ready}))
    else:
        _show(terminal, found)
    if not found.ready:
        raise typer.Exit(ExitStatus.AWAY)


def _patiently(asking: Client, terminal: Terminal, seconds: float) -> Status:
    """Return the first status that is ready, or the last one; raises the last error."""
    over = time.monotonic() + seconds
    with terminal.err.status("waiting for Mien"):
        while True:
            found: Status | MienError
            try:
                found = asking.status()
            except (UnreachableError, UnavailableError, AnswerTimeoutError) as error:
                found = error
            last = time.monotonic() + _PAUSE_SECONDS > over
            if isinstance(found, Status) and (found.ready or last):
                return found
            if isinstance(found, MienError) and last:
                raise found
            time.sleep(_PAUSE_SECONDS)


def _show(terminal: Terminal, found: Status) -> None:
    sentence = Text.assemble("Mien is ", (found.status, f"bold {_STYLES.get(found.status, '')}"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Part")
    table.add_column("State")
    for part, state in found.parts.items():
        table.add_row(part, Text(state, style=_STYLES.get(state, "yellow")))
    for model, ready in found.models.items():
        state = "ready" if ready else "not ready"
        table.add_row(model, Text(state, style=_STYLES[state]))
    if found.detector:
        table.add_row("detector", found.detector)
    terminal.show(sentence)
    if table.row_count:
        terminal.show(table)
