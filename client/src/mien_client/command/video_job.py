"""The job that a video becomes on the server: begun, followed, its results fetched."""

from dataclasses import dataclass
from pathlib import Path

from mien_client import Client
from mien_client.command.faults import CommandError
from mien_client.command.job_progress import JobProgress
from mien_client.command.saving import cannot_write
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal
from mien_client.errors import MienError
from mien_client.types import VideoJob, VideoResults
from mien_client.videos import ResultName


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoWishes:
    """What is wanted of the video: times in seconds, the rate in frames per second."""

    model: str
    sample_rate: float | None
    start: float | None
    end: float | None
    smoothing_seconds: float | None
    outputs: dict[ResultName, Path]


def analysed(
    asking: Client, terminal: Terminal, file: Path, wishes: VideoWishes, *, keep: bool
) -> VideoResults:
    """Send a video, wait for its job, write what is wanted of it, and return the rest.

    Unless it is kept, the job is deleted once everything is here. Ctrl+C cancels it.

    Raises:
        MienError: the server refuses it, or is away.
        CommandError: the job did not succeed, or was interrupted; a file cannot be written.
    """
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
