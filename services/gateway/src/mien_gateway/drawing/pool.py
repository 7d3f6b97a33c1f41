"""Draws beside the event loop: a few threads, and a bounded line before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mien_gateway.domain import Deadline
from mien_gateway.errors import DeadlineExceededError, OverloadedError

T = TypeVar("T")

_PART = "The drawing of pictures"


class DrawingPool:
    """Runs drawings in threads; Pillow lets go of the interpreter while it works."""

    def __init__(self, *, threads: int = 2, waiting: int = 16) -> None:
        """Take how many are drawn at a time, and how many may wait for their turn."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="drawing")
        self._limit = threads + waiting
        self._taken = 0

    async def run(self, draw: Callable[[], T], deadline: Deadline) -> T:
        """Return what `draw` returns.

        Raises OverloadedError at once when too many wait, DeadlineExceededError when time
        is up. A drawing that has begun is finished for nobody then, and keeps its place.
        """
        budget = deadline.budget(_PART.lower())
        if self._taken >= self._limit:
            raise OverloadedError(_PART)
        self._taken += 1
        try:
            submitted = self._threads.submit(draw)
        except BaseException:
            self._taken -= 1
            raise
        loop = asyncio.get_running_loop()
        submitted.add_done_callback(lambda _: self._free(loop))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(submitted), budget)
        except TimeoutError:
            raise DeadlineExceededError(_PART.lower()) from None

    def close(self) -> None:
        """Give up what waits; what is being drawn is finished."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _free(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count on the loop's own thread; a loop that is closed counts no more."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self._taken -= 1
