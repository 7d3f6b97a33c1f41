"""A bounded pool of threads for work that is heavy on the CPU."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from mien_detector.errors import OverloadedError

Result = TypeVar("Result")


class WorkPool:
    """Runs functions in threads, as many at once as there are workers.

    A few more may wait; whoever comes then is refused at once. Work is handed to a thread
    only when one is free, so that work whose caller has gone meanwhile never starts.
    Decoder and detectors release the interpreter's lock, so threads are enough.
    """

    def __init__(self, *, workers: int, queue: int) -> None:
        """Take the numbers of threads and of waiting places; threads start when needed."""
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="picture")
        self._free = asyncio.Semaphore(workers)
        self._queue = queue
        self._waiting = 0

    @property
    def is_full(self) -> bool:
        """Whether the next one would be refused."""
        return self._free.locked() and self._waiting >= self._queue

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns; it knows the caller's context, for spans and log entries.

        Raises:
            OverloadedError: every worker is busy and the queue is full.
        """
        await self._wait_for_a_worker()
        try:
            future = self._executor.submit(copy_context().run, work)
        except RuntimeError:  # the pool was closed
            self._free.release()
            raise
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda done: self._release(loop, done))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take no more work; what runs now ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _wait_for_a_worker(self) -> None:
        if self.is_full:
            message = "every worker is busy and the queue is full: try again a little later"
            raise OverloadedError(message)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    def _release(self, loop: asyncio.AbstractEventLoop, _done: "Future[Result]") -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._free.release)
