"""Gives frames out as there is room for them, in one event loop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing

from mien_client.streaming.window import Place, Window

_Numbered = AsyncGenerator[tuple[int, bytes], None]


class AsyncFeed:
    """As Feed, for asyncio: the same frames, the same window.

    Attributes:
        seconds: how long to wait for the gateway while something is under way.
        error: what the caller's frames raised, if anything.
        has_begun: whether a frame was taken; until then, another feed can give them all out.
    """

    def __init__(self, frames: AsyncIterable[bytes], seconds: float, *, newest_wins: bool) -> None:
        """Take nothing yet."""
        self.seconds = seconds
        self._frames = _numbered(frames)
        self._newest_wins = newest_wins
        self._window = Window(seconds)
        self._changed = asyncio.Event()
        self.error: Exception | None = None
        self.has_begun = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Yield the frames to send; it ends where the caller's do, however they do."""
        try:
            await self._room()
            self.has_begun = True
            async with aclosing(
                _newest(self._frames) if self._newest_wins else self._frames
            ) as source:
                async for number, frame in source:
                    self._window.send(number)
                    yield frame
                    # The next one is taken only when there is room, so that it is the newest.
                    await self._room()
        except Exception as error:  # noqa: BLE001 - raised again by who hears the answers
            self.error = error

    @property
    def seconds_left(self) -> float:
        """How much longer to wait for the gateway."""
        return self._window.seconds_left

    def open(self, credit: int) -> None:
        """Let so many frames be under way."""
        self._window.open(credit)
        self._changed.set()

    def answer(self, frame: int) -> Place:
        """Take note of an answer."""
        self._changed.set()
        return self._window.answer(frame)

    async def _room(self) -> None:
        """Wait until another frame may be sent."""
        while not self._window.has_room:
            self._changed.clear()
            await self._changed.wait()


async def _numbered(frames: AsyncIterable[bytes]) -> _Numbered:
    number = 0
    async for frame in frames:
        number += 1
        yield number, frame


async def _newest(source: _Numbered) -> _Numbered:
    """Take frames as fast as they come, and yield the newest one each time."""
    waiting: list[tuple[int, bytes]] = []
    changed = asyncio.Event()

    async def take() -> None:
        async for item in source:
            waiting[:] = [item]
            changed.set()

    taking = asyncio.create_task(take())
    taking.add_done_callback(lambda _: changed.set())
    try:
        while True:
            while not waiting and not taking.done():
                changed.clear()
                await changed.wait()
            if not waiting:
                break
            yield waiting.pop()
        taking.result()
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
