"""What is asked of live streams and sessions, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing

from mien_client import operations as ops
from mien_client import types
from mien_client.aio.asking import Asking
from mien_client.errors import MienError
from mien_client.operations import StreamStart
from mien_client.pictures import Picture, async_pictures
from mien_client.streaming.aio import AsyncFeed
from mien_client.transport import Outcome


class LiveCalls(Asking):
    """Live frames, and what was seen under a session's id."""

    async def stream(  # noqa: PLR0913 - as analyze
        self,
        frames: AsyncIterable[Picture] | Iterable[Picture],
        *,
        consent: bool,
        model: str = "",
        session: str = "",
        smoothing_seconds: float | None = None,
        hold_seconds: float | None = None,
        allow_twin: bool = False,
        minimum_confidence: float | None = None,
        newest_wins: bool = False,
    ) -> AsyncGenerator[Outcome, None]:
        """Yield a result, or a problem, for the frames of a live stream.

        `frames` may be an asynchronous iterable; a plain one is taken from in a thread.
        """
        start = StreamStart(
            consent=consent,
            model=model,
            session=session,
            smoothing_seconds=smoothing_seconds,
            hold_seconds=hold_seconds,
            allow_twin=allow_twin,
            minimum_confidence=minimum_confidence,
        )
        encoded = async_pictures(frames)
        attempts = self._attempts(self._patience.seconds)
        while True:
            feed = AsyncFeed(encoded, self._patience.seconds, newest_wins=newest_wins)
            try:
                async with aclosing(self._transport.stream(start, feed)) as outcomes:
                    async for outcome in outcomes:
                        yield outcome
            except MienError as error:
                if feed.has_begun:
                    raise
                await asyncio.sleep(attempts.pause_after(error))
            else:
                return

    async def timeline(
        self, session: str, *, start: float = 0.0, end: float | None = None
    ) -> list[types.TimelineEntry]:
        """Return what was seen under a session's id, oldest first; seconds since 1970."""
        entries: list[types.TimelineEntry] = []
        following: float | str | None = start
        while following is not None:
            page = await self._ask(ops.ReadTimeline(session, following, end))
            entries += page.entries
            following = page.next
        return entries

    async def forget(self, session: str) -> None:
        """Delete everything that is kept under a session's id."""
        await self._delete(ops.ForgetTimeline(session))
