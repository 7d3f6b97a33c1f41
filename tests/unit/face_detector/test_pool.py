"""Work on the CPU is bounded, refused early, and dropped when nobody waits for it."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from mien_detector.errors import OverloadedError
from mien_detector.pool import WorkPool

PATIENCE_SECONDS = 5


class Gate:
    """Work that lasts until it is told to end, and counts how often it ran."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.started = threading.Semaphore(0)
        self.runs = 0

    def work(self) -> str:
        """Last until the gate is opened."""
        self.runs += 1
        self.started.release()
        assert self.opened.wait(PATIENCE_SECONDS)
        return "done"

    async def wait_for_start(self) -> None:
        """Return once the work has started."""
        assert await asyncio.to_thread(self.started.acquire, timeout=PATIENCE_SECONDS)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


async def test_the_result_comes_back() -> None:
    """What the function returns is returned."""
    pool = WorkPool(workers=1, queue=0)
    assert await pool.run(lambda: 42) == 42
    pool.close()


async def test_an_error_comes_back_and_frees_the_worker() -> None:
    """A failing picture does not cost a worker."""
    pool = WorkPool(workers=1, queue=0)

    def fail() -> None:
        message = "broken"
        raise ValueError(message)

    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await pool.run(fail)
        await until(lambda: not pool.is_full)
    pool.close()


async def test_work_leaves_the_event_loop_free(gate: Gate) -> None:
    """The loop goes on while a picture is worked on."""
    pool = WorkPool(workers=1, queue=0)
    task = asyncio.create_task(pool.run(gate.work))
    await gate.wait_for_start()
    gate.opened.set()
    assert await task == "done"
    pool.close()


async def test_who_comes_when_the_queue_is_full_is_refused_at_once(gate: Gate) -> None:
    """One works, one waits, the third is told to come back."""
    pool = WorkPool(workers=1, queue=1)
    working = asyncio.create_task(pool.run(gate.work))
    await gate.wait_for_start()
    waiting = asyncio.create_task(pool.run(gate.work))
    await until(lambda: pool.is_full)
    with pytest.raises(OverloadedError, match="queue is full"):
        await pool.run(gate.work)
    gate.opened.set()
    assert list(await asyncio.gather(working, waiting)) == ["done", "done"]
    assert gate.runs == 2
    pool.close()


async def test_work_of_a_gone_caller_never_starts(gate: Gate) -> None:
    """A cancelled caller gives its waiting place back."""
    pool = WorkPool(workers=1, queue=1)
    working = asyncio.create_task(pool.run(gate.work))
    await gate.wait_for_start()
    ran = threading.Event()
    waiting = asyncio.create_task(pool.run(ran.set))
    await until(lambda: pool.is_full)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not pool.is_full
    gate.opened.set()
    await working
    assert await pool.run(lambda: "next") == "next"
    assert not ran.is_set()
    pool.close()


async def test_a_worker_whose_caller_has_gone_is_free_when_its_work_ends(gate: Gate) -> None:
    """Running work cannot be stopped; until its end it keeps its worker."""
    pool = WorkPool(workers=1, queue=0)
    working = asyncio.create_task(pool.run(gate.work))
    await gate.wait_for_start()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    with pytest.raises(OverloadedError):
        await pool.run(gate.work)
    gate.opened.set()
    await until(lambda: not pool.is_full)
    assert await pool.run(lambda: "next") == "next"
    pool.close()


async def test_as_many_pictures_as_workers_are_worked_on_at_once() -> None:
    """Two workers meet at a barrier that needs both."""
    pool = WorkPool(workers=2, queue=0)
    barrier = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    await asyncio.gather(pool.run(barrier.wait), pool.run(barrier.wait))
    pool.close()
