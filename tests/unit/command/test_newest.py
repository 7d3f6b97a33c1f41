"""The newest frame wins."""

import asyncio
from collections.abc import Callable, Iterator
from threading import Event
from typing import cast

import pytest
from av.video.frame import VideoFrame

from mien_client.command.faults import CommandError
from mien_client.command.watching.newest import NewestShot
from mien_client.command.watching.source import Shot


class Reel:
    """A source that gives frames as soon as the test lets it."""

    def __init__(self, frames: int, error: Exception | None = None) -> None:
        self._frames = frames
        self._error = error
        self.go_on = Event()
        self.ended = Event()

    def shots(self, sleep: Callable[[float], object]) -> Iterator[Shot]:
        """Yield the first frame at once, the others when the test says so."""
        del sleep
        frame = cast("VideoFrame", None)
        try:
            for number in range(self._frames):
                yield Shot(float(number), frame)
                if number == 0:
                    self.go_on.wait(5)
            if self._error:
                raise self._error
        finally:
            self.ended.set()


async def test_a_frame_that_is_overtaken_is_dropped() -> None:
    """And counted; the one that waits at the end is still given out."""
    reel = Reel(5)
    shots = NewestShot(reel)
    shots.start()
    first = await shots.next()
    reel.go_on.set()
    await asyncio.to_thread(reel.ended.wait, 5)
    await asyncio.sleep(0.05)
    last = await shots.next()
    assert first
    assert last
    assert (first[0].seconds, last[0].seconds) == (0, 4)
    assert (shots.taken, shots.dropped) == (5, 3)
    assert await shots.next() is None


async def test_stopping_ends_the_frames() -> None:
    """Though the source would give more."""
    reel = Reel(100)
    shots = NewestShot(reel)
    shots.start()
    assert await shots.next()
    shots.stop()
    assert await shots.next() is None
    reel.go_on.set()
    assert await asyncio.to_thread(reel.ended.wait, 5)


async def test_a_sources_error_comes_after_its_last_frame() -> None:
    """To whom waits for frames."""
    reel = Reel(1, CommandError("the camera is gone"))
    reel.go_on.set()
    shots = NewestShot(reel)
    shots.start()
    await asyncio.to_thread(reel.ended.wait, 5)
    await asyncio.sleep(0.05)
    assert await shots.next()
    with pytest.raises(CommandError, match="the camera is gone"):
        await shots.next()
