"""Identical work that is asked for at the same time is done once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from mien_gateway.domain import Deadline
from mien_gateway.errors import DeadlineExceededError

T = TypeVar("T")

# The hops of a flight end at the same deadline and can say what they waited for: let
# them speak first.
_GRACE_SECONDS = 0.02


class _Flight(Generic[T]):
    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.waiting = 0


class SingleFlight(Generic[T]):
    """Runs one computation per key; whoever asks meanwhile waits for its outcome.

    The computation belongs to nobody: it goes on when the one who started it leaves, and
    is cancelled when the last one has left. Its failure goes to all, except that one who
    has time left starts anew where only the starter's time was over.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def run(
        self, key: Hashable, deadline: Deadline, compute: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Return what `compute` returns, from the flight under way or from a new one.

        Raises what it raises, and DeadlineExceededError at the caller's own deadline.
        """
        while True:
            flight = self._flights.get(key)
            started_here = flight is None
            if flight is None:
                flight = self._start(key, compute)
            try:
                return await self._wait(key, flight, deadline)
            except DeadlineExceededError:
                if started_here or deadline.seconds_left <= 0:
                    raise

    def _start(self, key: Hashable, compute: Callable[[], Coroutine[Any, Any, T]]) -> _Flight[T]:
        flight = _Flight(asyncio.create_task(compute()))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight

    async def _wait(self, key: Hashable, flight: _Flight[T], deadline: Deadline) -> T:
        flight.waiting += 1
        try:
            async with asyncio.timeout(max(deadline.seconds_left, 0) + _GRACE_SECONDS):
                return await asyncio.shield(flight.task)
        except TimeoutError as error:
            waiting_for = "the analysis"
            raise DeadlineExceededError(waiting_for) from error
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                flight.task.cancel()
                self._forget(key, flight)

    def _forget(self, key: Hashable, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
