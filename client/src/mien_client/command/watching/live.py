"""Streams the frames of a source and takes the answers."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from time import monotonic

from mien_client.command.clients import async_client, labels_of
from mien_client.command.connection import Connection
from mien_client.command.watching.newest import NewestShot
from mien_client.command.watching.outputs import FrameOutput
from mien_client.command.watching.source import Source
from mien_client.command.watching.tally import Tally
from mien_client.types import FrameProblem, FrameResult


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """What is wanted of the stream; times in seconds."""

    model: str
    duration: float | None
    smoothing_seconds: float | None


class Watch:
    """One live stream from its first frame to its last answer."""

    def __init__(
        self,
        connection: Connection,
        source: Source,
        options: WatchOptions,
        tally: Tally,
        outputs: Sequence[FrameOutput],
    ) -> None:
        """Take where frames come from and where answers go."""
        self._connection = connection
        self._source = source
        self._options = options
        self._tally = tally
        self._outputs = outputs
        self._under_way: dict[int, tuple[float, float]] = {}
        self._interrupted = False

    async def run(self) -> bool:
        """Stream until the source, the time or somebody's patience ends; tell whether the last.

        Raises:
            MienError: the stream cannot begin, or breaks.
            CommandError: the source cannot be read.
        """
        shots = NewestShot(self._source)
        if self._options.duration:
            asyncio.get_running_loop().call_later(self._options.duration, shots.stop)
        try:
            await self._stream(shots)
        finally:
            shots.stop()
        return self._interrupted

    async def _stream(self, shots: NewestShot) -> None:
        async with async_client(self._connection) as client:
            labels = await labels_of(client, self._options.model) if self._outputs else ()
            for output in self._outputs:
                output.begin(labels)
            answers = client.stream(
                self._frames(shots),
                consent=True,
                model=self._options.model,
                smoothing_seconds=self._options.smoothing_seconds,
            )
            async with aclosing(answers):
                with self._stopping_at_ctrl_c(shots):
                    async for answer in answers:
                        self._take(answer)
                        self._tally.dropped = shots.dropped + answer.dropped_frames

    async def _frames(self, shots: NewestShot) -> AsyncIterator[bytes]:
        shots.start()
        number = 0
        while arrived := await shots.next():
            shot, at = arrived
            number += 1
            self._under_way[number] = (shot.seconds, at)
            # Encoding takes milliseconds, in which answers could come.
            yield await asyncio.to_thread(shot.as_jpeg)

    def _take(self, answer: FrameResult | FrameProblem) -> None:
        seconds, arrived = self._under_way.pop(answer.frame)
        if isinstance(answer, FrameProblem):
            self._tally.fail(answer)
            for output in self._outputs:
                output.problem(seconds, answer)
            return
        latency_ms = (monotonic() - arrived) * 1000
        self._tally.answer(answer.analysis, seconds, latency_ms)
        for output in self._outputs:
            output.result(seconds, latency_ms, answer)

    @contextmanager
    def _stopping_at_ctrl_c(self, shots: NewestShot) -> Iterator[None]:
        """Let the first Ctrl+C end the stream after its last answer; the second ends it at once."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            self._interrupted = True
            loop.remove_signal_handler(signal.SIGINT)
            shots.stop()

        try:
            loop.add_signal_handler(signal.SIGINT, stop)
        except NotImplementedError:  # Windows: Ctrl+C ends it at once
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
