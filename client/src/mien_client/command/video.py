"""`mien video`: the expressions in a video file."""

from pathlib import Path
from typing import Annotated

import typer

from mien_client.command.clients import client
from mien_client.command.connection import Invocation
from mien_client.command.documents import line
from mien_client.command.options import AsJson, ModelName
from mien_client.command.terminal import Terminal
from mien_client.command.tracks import Tracks
from mien_client.command.video_job import VideoWishes, analysed
from mien_client.types import VideoResults
from mien_client.videos import ResultName


def video(  # noqa: PLR0913 - each option of the command is a parameter
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    *,
    csv: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write a row per frame and face here.")
    ] = None,
    vtt: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write the labels as WebVTT subtitles here.")
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write the video with its faces drawn here, as MP4."),
    ] = None,
    as_json: AsJson = False,
    model: ModelName = "",
    sample_rate: Annotated[
        float | None,
        typer.Option(
            min=0.01, metavar="FPS", show_default="the server's", help="Frames a second that count."
        ),
    ] = None,
    start: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Begin here.")
    ] = None,
    end: Annotated[float | None, typer.Option(min=0, metavar="SECONDS", help="End here.")] = None,
    smoothing: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            show_default="the server's",
            help="Time constant by which probabilities are smoothed; 0 leaves them as they are.",
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the job on the server until it expires.")
    ] = False,
) -> None:
    """Tell the expressions of the faces in a video, over time.

    The video is uploaded, analysed as a job, and deleted from the server with all that came of it
    once the results are here. Ctrl+C cancels the job.
    """
    wanted: tuple[tuple[ResultName, Path | None], ...] = (
        ("timeline.csv", csv),
        ("subtitles.vtt", vtt),
        ("annotated.mp4", annotated),
    )
    wishes = VideoWishes(
        model=model,
        sample_rate=sample_rate,
        start=start,
        end=end,
        smoothing_seconds=smoothing,
        outputs={name: path for name, path in wanted if path},
    )
    _check(file, wishes)
    with client(invocation.connection) as asking:
        results = analysed(asking, invocation.terminal, file, wishes, keep=keep)
    if as_json:
        invocation.terminal.write(line({"file": str(file), "results": results}))
    else:
        _show(invocation.terminal, results, list(wishes.outputs.values()))


def _check(file: Path, wishes: VideoWishes) -> None:
    """Find mistakes before a video has travelled and been analysed in vain."""
    if wishes.start is not None and wishes.end is not None and wishes.start >= wishes.end:
        message = "it must be later than --start"
        raise typer.BadParameter(message, param_hint="--end")
    for path in wishes.outputs.values():
        if not path.parent.is_dir():
            message = f"there is no folder {path.parent} to write {path.name} to"
            raise typer.BadParameter(message)
        if path.resolve() == file.resolve():
            message = f"{path} is the video itself; choose another file to write to"
            raise typer.BadParameter(message)


def _show(terminal: Terminal, results: VideoResults, written: list[Path]) -> None:
    tracks = Tracks()
    for frame in results.frames:
        for face in frame.faces:
            tracks.see(face.track, frame.time_seconds, face.top.label)
    frames = results.job.frames
    unreadable = f", {frames.unreadable} could not be read" if frames.unreadable else ""
    faces = "face" if len(tracks.seen) == 1 else "faces"
    terminal.show(f"{frames.done} frames{unreadable}; {len(tracks.seen)} {faces} followed")
    if tracks.seen:
        terminal.show(tracks.table(), results.job.model)
    terminal.caption()
    for path in written:
        terminal.say(f"{path} is written")
