"""Answers come in order, with few questions under way."""

import asyncio
from contextlib import aclosing

import pytest

from mien_client.command.in_order import in_order


async def test_answers_come_in_the_order_of_the_questions() -> None:
    """Though the first ones take longest."""

    async def ask(question: int) -> int:
        await asyncio.sleep(0.02 * (4 - question))
        return question * 10

    assert [answer async for answer in in_order(ask, range(4), at_once=3)] == [0, 10, 20, 30]


async def test_few_are_under_way() -> None:
    """Questions are not even begun before there is room."""
    under_way: set[int] = set()
    most = 0

    async def ask(question: int) -> None:
        nonlocal most
        under_way.add(question)
        most = max(most, len(under_way))
        await asyncio.sleep(0.001)
        under_way.remove(question)

    async for _ in in_order(ask, range(20), at_once=3):
        pass
    assert most == 3


async def test_an_error_ends_what_is_under_way() -> None:
    """Nothing goes on behind the caller's back."""
    cancelled: list[int] = []

    async def ask(question: int) -> int:
        if question == 0:
            message = "away"
            raise ConnectionError(message)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(question)
            raise
        return question

    async with aclosing(in_order(ask, range(9), at_once=3)) as answers:
        with pytest.raises(ConnectionError):
            await anext(answers)
    assert sorted(cancelled) == [1, 2]
