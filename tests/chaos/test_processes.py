"""Every process is killed, and then frozen, while callers go on asking.

No answer is wrong, none is missing at its deadline, what is refused is refused as documented,
and soon all is as before.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from mien_stack.supervisor import Supervisor
from tests.chaos.conftest import TWINS
from tests.chaos.faults import Observed, freezing, kill, observe
from tests.chaos.load import Load, Outcome
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PROCESSES = ("redis", "face-detector", "torchserve", "tensorflow", "worker", "gateway")
BACK_SECONDS = 20
FROZEN_SECONDS = 3


@asynccontextmanager
async def loaded(system: System, photo: bytes) -> AsyncIterator[Load]:
    """Twenty requests a second, half for each twin, as long as this lasts."""
    load = Load(system.settings.rest_url, photo, TWINS)
    await load.learn()
    stop = asyncio.Event()
    running = asyncio.create_task(load.run(stop))
    try:
        await asyncio.sleep(1)
        yield load
    finally:
        stop.set()
        await running


@pytest.mark.parametrize(
    ("what", "fault"), [("killed", kill), ("frozen", freezing(FROZEN_SECONDS))]
)
async def test_whatever_befalls_a_process_callers_are_answered(
    system: System,
    photo: bytes,
    scale: float,
    observed: list[Observed],
    what: str,
    fault: Callable[[Supervisor, str], Awaitable[None]],
) -> None:
    """One after the other, under load all the time."""
    seen: list[Observed] = []
    async with loaded(system, photo) as load:
        for name in PROCESSES:
            one = await observe(
                f"{name} {what}",
                load,
                partial(fault, system.supervisor, name),
                BACK_SECONDS,
            )
            seen.append(one)
            await asyncio.sleep(1 * scale)
    observed += seen
    everything = load.answers
    assert not [one for one in everything if one.outcome is Outcome.WRONG]
    for one in seen:
        # A gateway that is killed, or stands still, cannot answer; any other one must.
        if not one.fault.startswith("gateway"):
            assert not one.counts.keys() & {Outcome.AWAY, Outcome.HUNG}, one
    assert len(everything) >= 20 * len(PROCESSES)
