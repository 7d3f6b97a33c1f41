"""SIGTERM to each container under load: with two of a kind, no request is lost."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.balanced import BalancedLoad
from tests.chaos.conftest import TWINS
from tests.chaos.load import Outcome, outcomes
from tests.compose.conftest import note
from tests.compose.docker import Project, docker, inspect

pytestmark = pytest.mark.timeout(2400)

BEFORE_SECONDS = 3
AFTER_SECONDS = 4
PAIRED = ("face-detector", "torchserve", "tensorflow", "gateway")
BACK_SECONDS = 90


@dataclass(frozen=True)
class Published:
    """A gateway as callers see it."""

    address: str


@pytest.fixture
def pairs(project: Project) -> Project:
    """Two of every part that may be there twice."""
    project.files = ("docker-compose.yml", "compose.embedded.yml")
    project.up(*(word for name in PAIRED for word in ("--scale", f"{name}=2")))
    # Gateways look names up when they connect: now they find both of each.
    project.compose("restart", "gateway")
    project.up(*(word for name in PAIRED for word in ("--scale", f"{name}=2")))
    return project


@asynccontextmanager
async def loaded(project: Project, photo: bytes) -> AsyncIterator[BalancedLoad]:
    """Twenty requests a second through both gateways and past the cache, while this lasts."""
    gateways = [Published(project.address(one)) for one in project.containers("gateway")]
    addresses = [one.address for one in gateways]
    load = BalancedLoad(addresses[0], photo, TWINS, past_cache=True, ready=addresses)
    await load.learn()
    stop = asyncio.Event()
    watching = asyncio.create_task(load.watch(gateways))
    running = asyncio.create_task(load.run(stop))
    try:
        yield load
    finally:
        stop.set()
        await running
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def stop(container: str) -> None:
    """SIGTERM, and SIGKILL if that is not obeyed within the container's grace."""
    await asyncio.to_thread(docker, "stop", container)


def received(container: str) -> int:
    """Bytes that came in over the container's networks so far."""
    pid = inspect(container)["State"]["Pid"]
    lines = Path(f"/proc/{pid}/net/dev").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.strip().startswith("eth"))


async def test_a_container_that_is_stopped_loses_no_request(pairs: Project, photo: bytes) -> None:
    """Each in turn; the other one of its kind goes on."""
    rows = [("stopped", "seconds", "exit", "right", "others", "slowest")]
    lost = {}
    for service in PAIRED:
        both = pairs.containers(service)
        async with loaded(pairs, photo) as load:
            before = [received(one) for one in both]
            await asyncio.sleep(BEFORE_SECONDS)
            # Otherwise there would be nothing to lose.
            assert all(received(one) - old > 20_000 for one, old in zip(both, before, strict=True))
            begin = time.monotonic()
            await stop(both[0])
            took = time.monotonic() - begin
            await asyncio.sleep(AFTER_SECONDS)
        counts = outcomes(load.answers)
        lost[service] = [one for one in load.answers if one.outcome is not Outcome.RIGHT]
        exited = str(inspect(both[0])["State"]["ExitCode"])
        slowest = max(one.seconds for one in load.answers)
        right = counts[Outcome.RIGHT]
        others = str(counts.total() - right)
        rows.append((service, f"{took:.1f}", exited, str(right), others, f"{slowest:.2f} s"))
        assert exited in {"0", "143"}, f"{service} was killed"
        docker("start", both[0])
        await asyncio.to_thread(pairs.up, *(w for n in PAIRED for w in ("--scale", f"{n}=2")))
    note("`docker stop` under 20 requests a second, two of a kind", rows)
    assert {service: answers for service, answers in lost.items() if answers} == {}


async def test_without_redis_answers_are_slower_but_right(pairs: Project, photo: bytes) -> None:
    """There is one; a cache is no reason to fail."""
    (redis,) = pairs.containers("redis")
    async with loaded(pairs, photo) as load:
        await asyncio.sleep(BEFORE_SECONDS)
        await stop(redis)
        await asyncio.sleep(AFTER_SECONDS)
    docker("start", redis)
    assert len(load.answers) > 20 * BEFORE_SECONDS
    assert [one for one in load.answers if one.outcome is not Outcome.RIGHT] == []


async def test_a_container_that_is_killed_comes_back(pairs: Project, photo: bytes) -> None:
    """By itself; no answer is wrong in the meantime."""
    container = pairs.containers("face-detector")[0]
    pid = inspect(container)["State"]["Pid"]
    async with loaded(pairs, photo) as load:
        await asyncio.sleep(BEFORE_SECONDS)
        try:
            # From outside: to Docker, `docker kill` is a wish, and no reason to start it again.
            os.kill(pid, signal.SIGKILL)
        except PermissionError:
            pytest.skip("only root may kill a container's process from outside")
        begin = time.monotonic()
        while not _is_back(container):
            assert time.monotonic() - begin < BACK_SECONDS
            await asyncio.sleep(0.5)
        seconds = time.monotonic() - begin
        await asyncio.sleep(AFTER_SECONDS)
    counts = {outcome.value: number for outcome, number in outcomes(load.answers).items()}
    rows = [("killed", "healthy again after", "answers")]
    note("SIGKILL", [*rows, ("face-detector", f"{seconds:.1f} s", str(counts))])
    assert [one for one in load.answers if one.outcome is Outcome.WRONG] == []


def _is_back(container: str) -> bool:
    found = inspect(container)
    health: str = found["State"]["Health"]["Status"]
    return found["RestartCount"] > 0 and health == "healthy"
