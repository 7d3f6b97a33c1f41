"""Processes one job: decodes, analyses, tracks and writes frame by frame."""

import asyncio
import io
import random
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import structlog
from av.error import FFmpegError
from opentelemetry.trace import SpanKind

from mien_gateway.analysis.labelling import LabelPolicy
from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.domain import Analysis, AnalysisRequest, Deadline
from mien_gateway.drawing.annotate import labelled_face
from mien_gateway.errors import (
    DeadlineExceededError,
    GatewayError,
    JobStoreUnavailableError,
    TemporaryError,
    UnknownVideoError,
    UnsupportedVideoError,
)
from mien_gateway.models import ModelRouter
from mien_gateway.telemetry.tracing import span
from mien_gateway.video.annotated import AnnotatedVideo, annotated_video
from mien_gateway.video.decoder import SampledFrame, Sampler
from mien_gateway.video.job_store import FRAMES, now
from mien_gateway.video.jobs import (
    JobError,
    JobState,
    JobTimeoutError,
    NoFramesError,
    TooManyFramesError,
    UnreadableVideoError,
    VideoJob,
    VideoLimits,
    VideoOptions,
)
from mien_gateway.video.results import MakeTracks, TimelineWriter, TrackedFace, timed_frame
from mien_gateway.video.service import Videos

_log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


async def analyze_with_retry(
    analyzer: Analyzer, jpeg: bytes, model: str, limits: VideoLimits
) -> Analysis:
    """Return the frame's analysis; frames of videos are never kept in the cache.

    Raises what the analysis raises; what may be over in a moment only when it is not over
    after `limits.retry_seconds`.
    """
    give_up_at = monotonic() + limits.retry_seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        deadline = Deadline.after(limits.frame_seconds)
        request = AnalysisRequest(image=jpeg, model=model, deadline=deadline, no_store=True)
        try:
            with span("video frame", SpanKind.CONSUMER):
                return await analyzer.analyze(request)
        except (TemporaryError, DeadlineExceededError) as error:
            if monotonic() + pause > give_up_at:
                raise
            _log.info("frame asked again", code=error.code, pause_seconds=pause)
        # Workers that were refused together do not come back together.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Pulled:
    """A frame, and the same as a JPEG for the analysis."""

    frame: SampledFrame
    jpeg: bytes


class FrameIO:
    """One attempt at one video."""

    def __init__(
        self,
        sampler: Sampler,
        label_policy: LabelPolicy,
        labels: tuple[str, ...],
        timeline: Path,
        annotated: Path,
    ) -> None:
        self._options: VideoOptions = sampler.options
        self._label_policy = label_policy
        self._labels = labels
        self._frames: Generator[SampledFrame, None, None] = iter(sampler)
        self._closing = ExitStack()
        self._paths = (timeline, annotated)
        self._timeline: TimelineWriter | None = None
        self._video: AnnotatedVideo | None = None

    def open(self) -> None:
        """Begin the files."""
        timeline, annotated = self._paths
        file = self._closing.enter_context(timeline.open("wb"))
        self._timeline = TimelineWriter(file, self._labels)
        if self._options.annotate:
            rate = self._options.sample_rate
            self._video = self._closing.enter_context(annotated_video(annotated, rate))

    def pull(self) -> Pulled | None:
        """Return the next frame; None after the last one."""
        frame = next(self._frames, None)
        if frame is None:
            return None
        written = io.BytesIO()
        frame.image.save(written, "JPEG", quality=_QUALITY)
        return Pulled(frame, written.getvalue())

    def put(self, frame: SampledFrame, tracked: Sequence[TrackedFace]) -> None:
        """Write down what was found in a frame."""
        words = [self._label_policy.label(one.face, self._labels, one.top).label for one in tracked]
        if self._timeline:
            self._timeline.write(timed_frame(frame.time_seconds, tracked, words))
        if self._video:
            faces = [
                labelled_face(one.face, self._labels, word=word, top=one.top, track=one.track)
                for one, word in zip(tracked, words, strict=True)
            ]
            self._video.add(frame.time_seconds - self._options.start, frame.image, faces)

    def abandon(self) -> None:
        """Close everything; who cancelled the job may have deleted the files already."""
        with suppress(FFmpegError, OSError):
            self.close()

    def close(self) -> None:
        """Close the video, and complete the files."""
        self._frames.close()
        self._closing.close()


_PULSE_SECONDS = 0.4
"""How often a job's progress is stored, and a cancellation noticed."""


@dataclass
class _Attempt:
    """A job that this worker has begun."""

    job: VideoJob
    sampler: Sampler
    frames_done: int = 0
    counted: int = 0
    over: bool = False

    @property
    def figures(self) -> dict[str, int]:
        """Its progress, as it is stored."""
        expected = max(self.sampler.expected, self.frames_done)
        return {
            "frames_done": self.frames_done,
            "frames_expected": expected,
            "frames_unreadable": self.sampler.unreadable,
        }


@dataclass
class VideoProcessor:
    """One worker's way with jobs."""

    videos: Videos
    analyzer: Analyzer
    models: ModelRouter
    label_policy: LabelPolicy
    make_tracks: MakeTracks
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the worker is to end: the job goes back to the queue."""

    async def run(self, identifier: str) -> None:
        """Work a job off; one that is not in the queue any more is left alone."""
        attempt = await self._begin(identifier)
        if attempt is None:
            return
        _log.info("video begun", attempt=attempt.job.attempt)
        work = asyncio.create_task(self._work(attempt))
        pulse = asyncio.create_task(self._pulse(attempt))
        stopped = asyncio.create_task(self.stop.wait())
        everything = {work, pulse, stopped}
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        finally:
            attempt.over = True
            for task in everything - {work}:
                task.cancel()
            given_back = not work.done() and stopped.done() and not stopped.cancelled()
            work.cancel()
            await asyncio.wait(everything)
        await self._end(attempt, work, given_back=given_back)

    async def _begin(self, identifier: str) -> _Attempt | None:
        """Take the job, unless it was cancelled or another worker has it."""
        try:
            job = await self.videos.job_store.get(identifier)
        except UnknownVideoError:
            _log.warning("queued video is unknown", hint="deleted by its caller, or lost by Redis")
            self.videos.spool.remove(identifier)
            return None
        begun = {"state": JobState.RUNNING, "attempt": job.attempt + 1, "started": now()}
        job_store = self.videos.job_store
        if not await job_store.change(identifier, [JobState.QUEUED], begun, job.attempt):
            return None
        job = await job_store.get(identifier)
        path = self.videos.spool.upload(identifier)
        return _Attempt(job, Sampler(path, job.options, self.videos.limits))

    async def _pulse(self, attempt: _Attempt) -> None:
        """Store how far the job is; return when it is not ours any more."""
        job, job_store = attempt.job, self.videos.job_store
        heard = monotonic()
        # Not by a cancellation alone: the Redis client may take one for a timeout of its own.
        while not attempt.over:
            try:
                if not await job_store.change(
                    job.id, [JobState.RUNNING], attempt.figures, job.attempt
                ):
                    return
                heard = monotonic()
                await self._count(attempt)
            except JobStoreUnavailableError:
                # From then on another worker may have the job.
                if monotonic() - heard > self.videos.stalled_seconds:
                    raise
            await asyncio.sleep(_PULSE_SECONDS)

    async def _count(self, attempt: _Attempt) -> None:
        new = attempt.frames_done - attempt.counted
        if new:
            await self.videos.job_store.count(FRAMES, new)
            attempt.counted += new

    async def _work(self, attempt: _Attempt) -> None:
        """Analyse the whole video; raises a JobError or a GatewayError where that fails."""
        limit = self.videos.limits.job_seconds
        try:
            async with asyncio.timeout(limit):
                await self._frames(attempt)
        except TimeoutError as error:
            raise JobTimeoutError(limit) from error
        if attempt.frames_done == 0:
            raise UnreadableVideoError if attempt.sampler.unreadable else NoFramesError

    async def _frames(self, attempt: _Attempt) -> None:
        job, spool = attempt.job, self.videos.spool
        labels = self.models.resolve(job.options.model).model.labels
        frame_io = FrameIO(
            attempt.sampler,
            self.label_policy,
            labels,
            spool.timeline(job.id, job.attempt),
            spool.annotated(job.id, job.attempt),
        )
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="video") as thread:
            try:
                await loop.run_in_executor(thread, frame_io.open)
                await self._each_frame(attempt, frame_io, thread)
            except BaseException:
                # Behind whatever the thread is still at.
                await asyncio.shield(loop.run_in_executor(thread, frame_io.abandon))
                raise
            await loop.run_in_executor(thread, frame_io.close)

    async def _each_frame(
        self, attempt: _Attempt, frame_io: FrameIO, thread: ThreadPoolExecutor
    ) -> None:
        loop, limits = asyncio.get_running_loop(), self.videos.limits
        options = attempt.job.options
        tracks = self.make_tracks(options.smoothing_seconds)
        pulling: asyncio.Future[Pulled | None] = loop.run_in_executor(thread, frame_io.pull)
        while pulled := await pulling:
            if attempt.frames_done == limits.frames:
                raise TooManyFramesError(limits.frames)
            # The next frame is decoded while this one is analysed.
            pulling = loop.run_in_executor(thread, frame_io.pull)
            analysis = await analyze_with_retry(self.analyzer, pulled.jpeg, options.model, limits)
            tracked = tracks.update(pulled.frame.time_seconds, analysis.findings.faces)
            await loop.run_in_executor(thread, frame_io.put, pulled.frame, tracked)
            attempt.frames_done += 1

    async def _end(self, attempt: _Attempt, work: asyncio.Task[None], *, given_back: bool) -> None:
        """Write down how it ended, and delete what nobody needs any more."""
        if given_back:
            await self._give_back(attempt)
            return
        if work.cancelled():
            await self._leave(attempt)
            return
        changes = _outcome(work.exception())
        done = {**attempt.figures, **changes, "ended": now()}
        if changes["state"] is JobState.SUCCEEDED:
            done["frames_expected"] = attempt.frames_done
        job = attempt.job
        # Before the upload goes: until then another worker may have to begin again.
        if not await self._write_down(job, done):
            await self._leave(attempt)
            return
        self.videos.spool.remove_upload(job.id)
        if changes["state"] is not JobState.SUCCEEDED:
            self.videos.spool.remove_results(job.id, job.attempt)
        with suppress(JobStoreUnavailableError):
            await self._count(attempt)
        _log.info("video ended", frames=attempt.frames_done, **changes)

    async def _write_down(self, job: VideoJob, done: Mapping[str, object]) -> bool:
        """Store how the job ended, as soon as Redis is there; False if it is not ours.

        Raises JobStoreUnavailableError where Redis stays away; another worker gets the job then.
        """
        job_store, give_up_at = (
            self.videos.job_store,
            monotonic() + self.videos.limits.retry_seconds,
        )
        while True:
            try:
                if await job_store.change(job.id, [JobState.RUNNING], done, job.attempt):
                    return True
                # Of an earlier try, the reply alone may have been lost.
                found = await job_store.get(job.id)
            except UnknownVideoError:
                return False
            except JobStoreUnavailableError:
                if self.stop.is_set() or monotonic() > give_up_at:
                    raise
                await asyncio.sleep(_PULSE_SECONDS)
            else:
                return (found.state, found.attempt) == (done["state"], job.attempt)

    async def _give_back(self, attempt: _Attempt) -> None:
        job = attempt.job
        self.videos.spool.remove_results(job.id, job.attempt)
        again = {"state": JobState.QUEUED, "started": None, "frames_done": 0}
        if await self.videos.job_store.change(job.id, [JobState.RUNNING], again, job.attempt):
            await self.videos.enqueue(job.id, first=True)
            _log.info("video given back")

    async def _leave(self, attempt: _Attempt) -> None:
        """The job was cancelled, deleted or given to another worker."""
        job = attempt.job
        self.videos.spool.remove_results(job.id, job.attempt)
        try:
            ended = (await self.videos.job_store.get(job.id)).state.is_final
        except UnknownVideoError:
            ended = True
        if ended:
            self.videos.spool.remove_upload(job.id)
        _log.info("video left", ended=ended)


def _outcome(error: BaseException | None) -> dict[str, object]:
    if error is None:
        return {"state": JobState.SUCCEEDED}
    if isinstance(error, UnsupportedVideoError):
        error = UnreadableVideoError()
    if isinstance(error, JobError | GatewayError):
        return {"state": JobState.FAILED, "code": error.code, "detail": error.detail}
    _log.error("video failed", error=type(error).__name__, exc_info=error)
    detail = "Something went wrong here; the worker's log tells more"
    return {"state": JobState.FAILED, "code": "internal_error", "detail": detail}
