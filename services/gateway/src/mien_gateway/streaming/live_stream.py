"""A live stream: the newest frame wins, faces are tracked, expressions smoothed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from opentelemetry.trace import SpanKind

from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.domain import Analysis, AnalysisRequest, Deadline
from mien_gateway.errors import (
    GatewayError,
    InvalidRequestError,
    OverloadedError,
    StreamIdleError,
    StreamTooLongError,
    UnauthenticatedError,
)
from mien_gateway.resilience.limits import Reservation
from mien_gateway.telemetry.metrics import Metrics
from mien_gateway.telemetry.tracing import annotate, span
from mien_gateway.tracking.smoothing import Smoothing
from mien_gateway.tracking.tracker import FaceTracker, TrackedFace

WINDOW = 2
"""Frames that may be under way: one being analysed, one waiting."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream."""

    number: int
    """The first one of a stream is 1."""
    image: bytes
    taken_at: float
    """Seconds on a steady clock."""
    refusal: GatewayError | None = None
    """Why it is not analysed; it holds no picture then."""


class FrameBuffer:
    """Between the one who receives frames and the one who analyses them.

    Frames may come together, before the first of them has been taken: while none is being
    analysed two wait, so that who sends no more than the window loses none. Where more come,
    as while an answer is being sent, the newest one alone is left.
    """

    def __init__(self) -> None:
        self._waiting: deque[Frame] = deque()
        self._is_analysing = False
        self._is_full = False
        self._arrived = asyncio.Event()
        self._closed = False
        self.dropped = 0
        """Frames that a newer one replaced."""

    @property
    def room(self) -> int:
        """How many frames can come without one being replaced."""
        return WINDOW - self._is_analysing - len(self._waiting)

    def put(self, frame: Frame) -> Sequence[Frame]:
        """Leave the newest frame, never waiting, and return those that it replaced."""
        replaced: list[Frame] = []
        if self._is_full or self.room <= 0:
            self._is_full = True
            replaced += self._waiting
            self.dropped += len(replaced)
            self._waiting.clear()
        self._waiting.append(frame)
        self._arrived.set()
        return replaced

    def close(self) -> None:
        """No more frames come; those that wait can still be taken."""
        self._closed = True
        self._arrived.set()

    async def take(self) -> Frame | None:
        """Wait for a frame and take it; None after the last one."""
        await self._arrived.wait()
        self._is_full = False
        frame = self._waiting.popleft() if self._waiting else None
        self._is_analysing = frame is not None
        if not self._waiting and not self._closed:
            self._arrived.clear()
        return frame

    def done(self) -> None:
        """The frame that was taken has been analysed."""
        self._is_analysing = self._is_full = False


_UNSURE_SCORE = 0.3
# More than three hundred years: any clock's time passes, and no power of it overflows.
_LATEST_SECONDS = 1e10


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """What the caller wants of a stream."""

    model: str = ""
    smoothing: Smoothing = field(default_factory=Smoothing)
    allow_twin: bool = False
    minimum_confidence: float | None = None
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How long a stream may last, one frame's analysis, and one answer's way out."""

    idle_seconds: float
    max_seconds: float
    frame_seconds: float
    send_seconds: float


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How a stream stands after an answer."""

    frame: int
    """The number of the frame that was answered."""
    dropped: int
    """Frames so far that a newer one replaced."""
    credit: int
    """Frames that may be sent now without one being dropped."""


@dataclass(frozen=True, slots=True)
class FrameAnswer:
    """A frame's faces, in the order of the analysis; a face may have no track yet."""

    standing: StreamStatus
    analysis: Analysis
    tracked: tuple[TrackedFace, ...]
    taken_at: float


@dataclass(frozen=True, slots=True)
class FrameFailure:
    """Why a frame has no answer; the stream goes on."""

    standing: StreamStatus
    error: GatewayError


class LiveStream:
    """Analyses the newest frame there is, one after the other.

    Frames come by `offer`, which never waits, answers by `answers`. However fast frames come,
    two are held at most.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        options: StreamOptions,
        limits: StreamLimits,
        metrics: Metrics,
        transport: str,
        spend: Callable[[], Awaitable[object]],
        held: Reservation,
    ) -> None:
        """Take what the stream works with.

        `spend` counts a frame and may refuse it; `held` counts the bytes of those in memory.
        """
        self._analyzer = analyzer
        self._options = options
        self._limits = limits
        self._metrics = metrics
        self._transport = transport
        self._spend = spend
        self._held = held
        self._tracker = FaceTracker(options.smoothing)
        self._slot = FrameBuffer()
        self._offered = 0

    @property
    def offered(self) -> int:
        """Frames so far."""
        return self._offered

    @property
    def dropped(self) -> int:
        """Frames so far that a newer one replaced."""
        return self._slot.dropped

    def offer(self, image: bytes, taken_at: float | None = None) -> None:
        """Give a frame in; it replaces the one that waits.

        `taken_at` is in seconds on any steady clock, the same for the whole stream; without
        it, now counts. Raises InvalidRequestError where it is none that a clock tells.
        """
        if taken_at is not None and not 0 <= taken_at <= _LATEST_SECONDS:
            message = f"`taken_at_seconds` must be a number from 0 to {_LATEST_SECONDS:.0f}"
            raise InvalidRequestError(message)
        self._offered += 1
        at = monotonic() if taken_at is None else taken_at
        try:
            self._held.add(len(image))
            frame = Frame(self._offered, image, at)
        except OverloadedError as error:
            frame = Frame(self._offered, b"", at, error)
        replaced = self._slot.put(frame)
        self._held.add(-sum(len(one.image) for one in replaced))
        self._metrics.count_frames(self._transport, "dropped", len(replaced))

    def end(self) -> None:
        """No more frames come; the last one is still answered."""
        self._slot.close()

    def close(self) -> None:
        """Count none of its frames any more; call it when nothing offers or analyses them."""
        self._held.release()

    async def answers(self) -> AsyncIterator[FrameAnswer | FrameFailure]:
        """Yield an answer per analysed frame until the end.

        Raises StreamIdleError, StreamTooLongError, or UnauthenticatedError once the caller's key
        is not valid any more.
        """
        over = Deadline.after(self._limits.max_seconds)
        while frame := await self._next(over):
            # A stream lasts too long for one span, so each frame is a request of its own.
            with span(f"{self._transport} frame", SpanKind.SERVER):
                answer = await self._answer(frame)
            self._held.add(-len(frame.image))
            yield answer

    async def _next(self, over: Deadline) -> Frame | None:
        patience = min(self._limits.idle_seconds, over.seconds_left)
        if patience <= 0:
            raise StreamTooLongError(self._limits.max_seconds)
        try:
            async with asyncio.timeout(patience):
                return await self._slot.take()
        except TimeoutError:
            if over.seconds_left <= 0:
                raise StreamTooLongError(self._limits.max_seconds) from None
            raise StreamIdleError(self._limits.idle_seconds) from None

    async def _answer(self, frame: Frame) -> FrameAnswer | FrameFailure:
        request = AnalysisRequest(
            image=frame.image,
            deadline=Deadline.after(self._limits.frame_seconds),
            model=self._options.model,
            # No frame comes twice: looking it up would cost time and find nothing.
            no_store=True,
            allow_twin=self._options.allow_twin,
            # The tracker can use unsure faces where they continue a track.
            minimum_score=_UNSURE_SCORE,
        )
        try:
            if frame.refusal:
                raise frame.refusal
            await self._spend()
            analysis = await self._analyzer.analyze(request)
        except UnauthenticatedError:
            raise
        except GatewayError as error:
            self._metrics.count_frames(self._transport, "failed")
            annotate(outcome=error.code)
            return FrameFailure(self._standing(frame), error)
        tracked = self._tracker.update(frame.taken_at, analysis.findings.faces)
        self._metrics.count_frames(self._transport, "answered")
        return FrameAnswer(self._standing(frame), analysis, tuple(tracked), frame.taken_at)

    def _standing(self, frame: Frame) -> StreamStatus:
        # The frame of this answer is done; what waits, if anything, is all there is.
        self._slot.done()
        return StreamStatus(frame.number, self._slot.dropped, self._slot.room)
