"""`mien watch`: the expressions in front of a camera, live."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from mien_client.command.connection import Invocation
from mien_client.command.faults import CommandError
from mien_client.command.options import AsJson, ModelName
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal
from mien_client.command.watching import source
from mien_client.command.watching.display import Display
from mien_client.command.watching.live import Watch, WatchOptions
from mien_client.command.watching.outputs import FrameCsv, FrameJson, FrameOutput
from mien_client.command.watching.tally import Tally

_CONSENT = (
    "Expressions will be recognised live. Do all people in front of the camera, or in the video, "
    "know that and agree?"
)


def watch(  # noqa: PLR0913 - each option of the command is a parameter
    invocation: Invocation,
    origin: Annotated[
        str,
        typer.Argument(
            metavar="[CAMERA|FILE]",
            help="A camera by its number or device, or a video file, which plays in real time.",
        ),
    ] = "0",
    *,
    consent: Annotated[
        bool,
        typer.Option(
            "--consent", help="The people in front of the camera were told, and they agree."
        ),
    ] = False,
    duration: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="SECONDS", help="End after so long."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write a row per frame and face here.")
    ] = None,
    as_json: AsJson = False,
    model: ModelName = "",
    smoothing: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            show_default="the server's",
            help="Time constant by which probabilities are smoothed.",
        ),
    ] = None,
) -> None:
    """Watch a camera, or a video file as if it were one, and tell the expressions live.

    The frames are streamed through the gateway, which keeps none of them. Ctrl+C ends the stream
    and leaves what was seen so far. --json writes a line per frame.
    """
    terminal = invocation.terminal
    seen_by = source.named(origin)
    _ask_for_consent(terminal, given=consent)
    options = WatchOptions(model=model, duration=duration, smoothing_seconds=smoothing)
    tally = Tally()
    outputs: list[FrameOutput] = [FrameJson(terminal)] if as_json else []
    with FrameCsv.writing(csv) as rows:
        outputs += [rows] if rows else []
        watching = Watch(invocation.connection, seen_by, options, tally, outputs)
        with Display(terminal, seen_by.name, tally, shown=not as_json):
            interrupted = asyncio.run(watching.run())
    _sum_up(terminal, tally, as_json=as_json)
    if csv:
        terminal.say(f"{csv} is written")
    if interrupted:
        raise typer.Exit(ExitStatus.INTERRUPTED)
    if tally.first_problem:
        terminal.complain(f"{tally.failed} frames failed: {tally.first_problem.detail}")
    if tally.all_failed:
        raise typer.Exit(ExitStatus.FAILED)


def _ask_for_consent(terminal: Terminal, *, given: bool) -> None:
    if given:
        return
    if not sys.stdin.isatty():
        message = "the people in front of the camera must know and agree"
        raise CommandError(
            message,
            remedy="--consent says that they do.",
            status=ExitStatus.MISUSED,
        )
    terminal.say("`GET /v1/notice` of the server is a text that tells people about it")
    if not typer.confirm(_CONSENT, err=True):
        message = "nobody is watched without agreeing"
        raise CommandError(message, status=ExitStatus.MISUSED)


def _sum_up(terminal: Terminal, tally: Tally, *, as_json: bool) -> None:
    if as_json:
        terminal.say(tally.sentence)
        return
    terminal.show(tally.sentence)
    if tally.tracks.seen:
        terminal.show(tally.tracks.table())
    terminal.caption()
