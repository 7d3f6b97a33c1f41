"""Closed-loop load: so many clients, each asks again as soon as it has its answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

Ask = Callable[[bytes], Awaitable[None]]
"""Sends one picture, awaits the answer and checks it; raises where it is not right."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of load found."""

    clients: int
    seconds: float
    """From the first request that counted to the last answer."""
    latencies: Sequence[float]
    """Of every right answer, seconds, in the order in which they came."""
    failures: Sequence[str]
    """Why the others were not right."""

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


async def closed_loop(
    asks: Sequence[Ask], pictures: Iterator[bytes], seconds: float, warm_up_seconds: float = 0.0
) -> Measured:
    """Let every client ask, one request at a time each, until the time is over.

    Args:
        asks: one per client, each with a connection of its own.
        pictures: an endless supply; the clients share it.
        seconds: for how long requests are begun that count.
        warm_up_seconds: for how long before that requests are begun that do not count.
    """
    begin = time.perf_counter() + warm_up_seconds
    end = begin + seconds
    latencies: list[float] = []
    failures: list[str] = []
    last = begin

    async def client(ask: Ask) -> None:
        nonlocal last
        while (started := time.perf_counter()) < end:
            try:
                await ask(next(pictures))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                failures.append(f"{type(error).__name__}: {error}")
                continue
            answered = time.perf_counter()
            if started >= begin:
                latencies.append(answered - started)
                last = max(last, answered)

    await asyncio.gather(*map(client, asks))
    return Measured(len(asks), last - begin, tuple(latencies), tuple(failures))
