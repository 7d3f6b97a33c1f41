"""Identical work at the same time is done once, and nobody's leaving harms the others."""

import asyncio

import pytest

from mien_gateway.domain import Deadline
from mien_gateway.errors import BadModelAnswerError, DeadlineExceededError
from mien_gateway.resilience.singleflight import SingleFlight


class Work:
    """A computation that waits until it is let go."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        """Return which call this was."""
        self.started += 1
        number = self.started
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return number


def soon() -> Deadline:
    return Deadline.after(5)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_two_hundred_callers_share_one_computation() -> None:
    """All get its result."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    callers = [asyncio.create_task(flights.run("key", soon(), work)) for _ in range(200)]
    await settle()
    work.go.set()
    assert await asyncio.gather(*callers) == [1] * 200
    assert work.started == 1


async def test_different_keys_do_not_share() -> None:
    """Each key has its own."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    work.go.set()
    results = await asyncio.gather(
        flights.run("one", soon(), work), flights.run("two", soon(), work)
    )
    assert list(results) == [1, 2]


async def test_a_later_caller_computes_anew() -> None:
    """Nothing is remembered; that is the cache's task."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    work.go.set()
    assert [await flights.run("key", soon(), work) for _ in range(2)] == [1, 2]


async def test_a_cancelled_leader_does_not_kill_its_followers() -> None:
    """The computation goes on for those who still wait."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    leader, follower = (asyncio.create_task(flights.run("key", soon(), work)) for _ in range(2))
    await settle()
    leader.cancel()
    await settle()
    work.go.set()
    assert await follower == 1
    assert leader.cancelled()
    assert work.cancelled == 0


async def test_work_that_nobody_waits_for_is_cancelled() -> None:
    """And who asks right after that is not drawn into the cancelled one."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    callers = [asyncio.create_task(flights.run("key", soon(), work)) for _ in range(3)]
    await settle()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    late = asyncio.create_task(flights.run("key", soon(), work))
    await settle()
    assert work.cancelled == 1
    work.go.set()
    assert await late == 2


async def test_who_gave_up_and_asks_again_is_not_drawn_into_what_he_left() -> None:
    """Not even in the same breath, before the cancelled work has noticed."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    with pytest.raises(DeadlineExceededError):
        await flights.run("key", Deadline.after(0.01), work)
    work.go.set()
    assert await flights.run("key", soon(), work) == 2


async def test_a_failure_goes_to_all() -> None:
    """There is no herd that tries again."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    work.error = BadModelAnswerError("server", "a reason")
    callers = [asyncio.create_task(flights.run("key", soon(), work)) for _ in range(5)]
    await settle()
    work.go.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(result) for result in results] == [BadModelAnswerError] * 5
    assert work.started == 1


async def test_each_caller_leaves_at_his_own_deadline() -> None:
    """The impatient one gives up; the patient one is answered."""
    flights: SingleFlight[int] = SingleFlight()
    work = Work()
    patient = asyncio.create_task(flights.run("key", soon(), work))
    await settle()
    with pytest.raises(DeadlineExceededError):
        await flights.run("key", Deadline.after(0.02), work)
    work.go.set()
    assert await patient == 1


async def test_a_starter_without_time_does_not_cost_the_patient_his_answer() -> None:
    """Where the work ended only for its starter's deadline, who has time starts anew."""
    flights: SingleFlight[int] = SingleFlight()
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.sleep(0.02)
            waiting_for = "a part"
            raise DeadlineExceededError(waiting_for)
        return calls

    hasty = asyncio.create_task(flights.run("key", Deadline.after(0.01), work))
    await settle()
    patient = asyncio.create_task(flights.run("key", soon(), work))
    with pytest.raises(DeadlineExceededError):
        await hasty
    assert await patient == 2
