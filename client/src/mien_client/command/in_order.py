"""Several questions at a time, their answers in the order of the questions."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


async def in_order(
    ask: Callable[[Question], Awaitable[Answer]], questions: Iterable[Question], *, at_once: int
) -> AsyncGenerator[Answer, None]:
    """Yield each question's answer; never more than `at_once` are under way or wait to be taken.

    When the generator is closed, what is under way is given up.
    """
    under_way: deque[asyncio.Future[Answer]] = deque()
    try:
        for question in questions:
            under_way.append(asyncio.ensure_future(ask(question)))
            if len(under_way) == at_once:
                yield await under_way[0]
                under_way.popleft()
        while under_way:
            yield await under_way[0]
            under_way.popleft()
    finally:
        for future in under_way:
            future.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
