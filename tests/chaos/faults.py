"""What can befall a process: it is killed, or it stands still."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psutil

from mien_stack.supervisor import Supervisor
from tests.chaos.load import Answered, Load, Outcome, outcomes

# So many right answers in a row, and it is as before.
NORMAL_AFTER = 20


@dataclass(frozen=True, slots=True)
class Observed:
    """What callers saw of one fault."""

    fault: str
    counts: dict[Outcome, int]
    recovery_seconds: float
    """From the fault, or its end, to the first of many right answers in a row."""
    slowest_seconds: float
    details: tuple[str, ...]


async def kill(supervisor: Supervisor, name: str) -> None:
    """End a process and all that it started, at once."""
    await asyncio.to_thread(_signal, supervisor, name, signal.SIGKILL)


def freezing(seconds: float) -> Callable[[Supervisor, str], Awaitable[None]]:
    """Make a fault that lets a process stand still for a while."""

    async def freeze(supervisor: Supervisor, name: str) -> None:
        frozen = await asyncio.to_thread(_signal, supervisor, name, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)

    return freeze


async def observe(
    fault: str, load: Load, begin: Callable[[], Awaitable[None]], patience_seconds: float
) -> Observed:
    """Let something happen under load, and wait until all is as before.

    Raises AssertionError when it is not within the patience.
    """
    happened = time.monotonic()
    await begin()
    over = time.monotonic()
    while (recovered := _recovered(load.since(over))) is None:
        waited = time.monotonic() - over
        assert waited < patience_seconds, f"{fault}: not as before after {waited:.0f} s"
        await asyncio.sleep(0.1)
    seen = load.since(happened)
    # The last ones may still be under way; theirs is the next fault's account.
    details = {one.detail for one in seen if one.outcome is not Outcome.RIGHT}
    return Observed(
        fault=fault,
        counts=dict(outcomes(seen)),
        recovery_seconds=max(recovered - over, 0),
        slowest_seconds=max(one.seconds for one in seen),
        details=tuple(sorted(details)),
    )


def _recovered(answers: Sequence[Answered]) -> float | None:
    """Return when the newest unbroken row of right answers began, if it is long enough."""
    row: list[Answered] = []
    for one in sorted(answers, key=lambda one: one.started):
        row = [*row, one] if one.outcome is Outcome.RIGHT else []
    return row[0].started if len(row) >= NORMAL_AFTER else None


def _signal(supervisor: Supervisor, name: str, number: signal.Signals) -> list[int]:
    """Send a signal to a process and its children; returns whom it reached."""
    process = psutil.Process(pid_of(supervisor, name))
    reached = []
    for one in (process, *process.children(recursive=True)):
        try:
            one.send_signal(number)
        except psutil.NoSuchProcess:
            continue
        reached.append(one.pid)
    return reached


def pid_of(supervisor: Supervisor, name: str) -> int:
    """Which process a part of the system is now."""
    return next(state.pid for state in supervisor.states() if state.name == name)
