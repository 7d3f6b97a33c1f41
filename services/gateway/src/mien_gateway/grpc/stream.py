"""AnalyzeStream: one live stream as one call."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import replace
from typing import Any

from mien.v1 import emotion_pb2 as pb

from mien_gateway.auth.principal import Principal
from mien_gateway.core import Core
from mien_gateway.errors import (
    ConsentRequiredError,
    InvalidRequestError,
    ShuttingDownError,
    StreamIdleError,
)
from mien_gateway.grpc.calls import minimum_confidence_of
from mien_gateway.grpc.messages import analyze_response, model_ref
from mien_gateway.sessions import check_session
from mien_gateway.streaming.live_stream import (
    WINDOW,
    FrameAnswer,
    FrameFailure,
    LiveStream,
    StreamOptions,
)
from mien_gateway.tracking.smoothing import Smoothing

_TRANSPORT = "grpc-stream"
_NOTICE = "/v1/notice"
_MOST_SECONDS = 60.0

_Spawn = Callable[[Awaitable[Any]], asyncio.Task[Any]]


class StreamCall:
    """Reads frames as they come, and answers the newest one."""

    def __init__(
        self,
        core: Core,
        requests: AsyncIterator[pb.AnalyzeStreamRequest],
        request_id: str,
        caller: Principal,
    ) -> None:
        self._core = core
        self._caller = caller
        self._requests = requests
        self._request_id = request_id

    async def responses(self) -> AsyncGenerator[pb.AnalyzeStreamResponse, None]:
        """Yield the answers.

        Raises the GatewayError that ends the call.
        """
        core = self._core
        with (
            core.observed(_TRANSPORT) as observation,
            core.streams.reserve(self._caller.identity, 1),
        ):
            options = await self._start()
            model = core.models.resolve(options.model)
            observation.model = model.name
            yield pb.AnalyzeStreamResponse(
                ready=pb.StreamReady(
                    request_id=self._request_id,
                    model=model_ref(model),
                    credit=WINDOW,
                    notice=_NOTICE,
                )
            )
            with core.metrics.stream(_TRANSPORT):
                async with aclosing(self._answers(options)) as answers:
                    async for response in answers:
                        yield response

    async def _start(self) -> StreamOptions:
        limit = self._core.stream_limits.idle_seconds
        try:
            async with asyncio.timeout(limit):
                first = await anext(self._requests, None)
        except TimeoutError:
            raise StreamIdleError(limit) from None
        if first is None or first.WhichOneof("request") != "start":
            raise ConsentRequiredError
        return _options(first.start)

    async def _answers(
        self, options: StreamOptions
    ) -> AsyncGenerator[pb.AnalyzeStreamResponse, None]:
        """Answer until the caller has sent the last frame, or the gateway stops."""
        options = replace(options, session=self._caller.own(options.session))
        with closing(self._core.open_stream(options, _TRANSPORT, self._caller)) as stream:
            answers = stream.answers()
            async with _cancelled_in_the_end() as tasks:
                receiving = tasks(self._receive(stream))
                draining = tasks(self._core.draining.wait())
                while True:
                    following = tasks(anext(answers, None))
                    await asyncio.wait((following, draining), return_when=asyncio.FIRST_COMPLETED)
                    if not following.done():
                        raise ShuttingDownError
                    outcome = following.result()
                    if outcome is None:
                        break
                    yield await self._response(outcome, options)
                receiving.result()

    async def _receive(self, stream: LiveStream) -> None:
        try:
            async for request in self._requests:
                if request.WhichOneof("request") != "frame":
                    message = "After the start, send frames"
                    raise InvalidRequestError(message)
                frame = request.frame
                taken_at = frame.taken_at_seconds if frame.HasField("taken_at_seconds") else None
                stream.offer(frame.image, taken_at)
        finally:
            stream.end()

    async def _response(
        self, outcome: FrameAnswer | FrameFailure, options: StreamOptions
    ) -> pb.AnalyzeStreamResponse:
        standing = outcome.standing
        if isinstance(outcome, FrameFailure):
            return pb.AnalyzeStreamResponse(
                error=pb.StreamError(
                    frame=standing.frame,
                    code=outcome.error.code,
                    detail=outcome.error.detail,
                    dropped_frames=standing.dropped,
                    credit=standing.credit,
                )
            )
        labelled = self._core.labelled_frame(outcome, options.minimum_confidence)
        await self._core.remember(options.session, labelled)
        return pb.AnalyzeStreamResponse(
            result=pb.StreamResult(
                frame=standing.frame,
                analysis=analyze_response(labelled, self._request_id),
                dropped_frames=standing.dropped,
                credit=standing.credit,
            )
        )


@asynccontextmanager
async def _cancelled_in_the_end() -> AsyncIterator[_Spawn]:
    """Yield what makes tasks; those that still run afterwards are cancelled."""
    running: set[asyncio.Task[Any]] = set()

    def spawn(work: Awaitable[Any]) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        running.add(task)
        task.add_done_callback(running.discard)
        return task

    try:
        yield spawn
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _options(start: pb.StreamStart) -> StreamOptions:
    if not start.consent:
        raise ConsentRequiredError
    defaults = Smoothing()
    smoothing, hold = defaults.time_constant_seconds, defaults.hold_seconds
    return StreamOptions(
        model=start.model,
        smoothing=Smoothing(
            time_constant_seconds=_seconds(start, "smoothing_seconds", smoothing),
            hold_seconds=_seconds(start, "hold_seconds", hold),
        ),
        allow_twin=start.allow_twin,
        minimum_confidence=minimum_confidence_of(start),
        session=check_session(start.session) if start.session else "",
    )


def _seconds(start: pb.StreamStart, name: str, otherwise: float) -> float:
    if not start.HasField(name):  # type: ignore[arg-type]  # one of two fields
        return otherwise
    seconds: float = getattr(start, name)
    if not 0 <= seconds <= _MOST_SECONDS:
        message = f"`{name}` must be from 0 to {_MOST_SECONDS:g}"
        raise InvalidRequestError(message)
    return seconds
