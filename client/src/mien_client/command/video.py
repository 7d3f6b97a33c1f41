"""`mien video`: the expressions in a video file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mien_client import Client
from mien_client.command.clients import client
from mien_client.command.connection import Invocation
from mien_client.command.documents import line
from mien_client.command.faults import CommandError
from mien_client.command.job_progress import JobProgress
from mien_client.command.options import AsJson, ModelName
from mien_client.command.saving import cannot_write
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal
from mien_client.command.tracks import Tracks
from mien_client.errors import MienError
from mien_client.types import VideoJob, VideoResults
from mien_client.videos import ResultName


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted of the video: times in seconds, the rate in frames per second."""

    model: str
    sample_rate: float | None
    start: float | None
    end: float | None
    smoothing_seconds: float | None
    outputs: dict[ResultName, Path]


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
    wishes = Wishes(
        model=model,
        sample_rate=sample_rate,
        start=start,
        end=end,
        smoothing_seconds=smoothing,
        outputs={name: path for name, path in wanted if path},
    )
    _check(wishes)
    with client(invocation.connection) as asking:
        results = _results(asking, invocation.terminal, file, wishes, keep=keep)
    if as_json:
        invocation.terminal.write(line({"file": str(file), "results": results}))
    else:
        _show(invocation.terminal, results, list(wishes.outputs.values()))


def _check(wishes: Wishes) -> None:
    if wishes.start is not None and wishes.end is not None and wishes.start >= wishes.end:
        message = "it must be later than --start"
        raise typer.BadParameter(message, param_hint="--end")
    for path in wishes.outputs.values():
        if not path.parent.is_dir():
            message = f"there is no folder {path.parent} to write {path.name} to"
            raise typer.BadParameter(message)


def _results(
    asking: Client, terminal: Terminal, file: Path, wishes: Wishes, *, keep: bool
) -> VideoResults:
    job: VideoJob | None = None
    try:
        with JobProgress(terminal, file.name) as progress:
            job = asking.upload_video(
                file,
                model=wishes.model,
                sample_rate=wishes.sample_rate,
                start=wishes.start,
                end=wishes.end,
                annotate="annotated.mp4" in wishes.outputs,
                smoothing_seconds=wishes.smoothing_seconds,
                on_progress=progress.uploaded,
            )
            for job in asking.follow_video(job.id):  # noqa: B020 - the newest state of the same job
                progress.show(job)
        _check_succeeded(job)
        for name, path in wishes.outputs.items():
            _save(asking, job, name, path)
        results = asking.video_results(job.id)
    except KeyboardInterrupt:
        raise _interrupted(asking, job) from None
    if keep:
        terminal.say(f"the job stays on the server as {job.id}")
    else:
        asking.delete_video(job.id)
    return results


def _save(asking: Client, job: VideoJob, name: ResultName, path: Path) -> None:
    try:
        asking.save_video(job.id, name, path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _check_succeeded(job: VideoJob) -> None:
    if job.state == "CANCELLED":
        message = "somebody cancelled the job"
        raise CommandError(message)
    if job.state != "SUCCEEDED":
        detail = job.problem.detail if job.problem else "the server does not say why"
        message = f"the video cannot be analysed: {detail}"
        raise CommandError(message)


def _interrupted(asking: Client, job: VideoJob | None) -> CommandError:
    """Cancel the job and return what to say of it."""
    if job is None:
        sentence = "interrupted; the upload is given up, and the server keeps nothing of it"
        return CommandError(sentence, status=ExitStatus.INTERRUPTED)
    try:
        asking.cancel_video(job.id)
        asking.delete_video(job.id)
    except MienError as error:
        sentence = f"interrupted, but the job {job.id} could not be cancelled: {error}"
    else:
        sentence = "interrupted; the job is cancelled, and the server keeps nothing of it"
    return CommandError(sentence, status=ExitStatus.INTERRUPTED)


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
