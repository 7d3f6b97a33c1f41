"""A gateway whose network to one part is slow, narrow or silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest

from tests.chaos.conftest import TWINS
from tests.chaos.faults import Observed, observe
from tests.chaos.gateways import environment_of, own_gateway
from tests.chaos.load import Load, Outcome
from tests.chaos.slow_network import Network
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

BACK_SECONDS = 20
BAD_SECONDS = 2
PARTS = ("detector", "torchserve", "tensorflow", "redis")


@asynccontextmanager
async def gateway_behind(system: System, networks: dict[str, Network]) -> AsyncIterator[str]:
    """A second gateway in front of the same parts, each over a network of its own."""
    settings = system.settings
    ports = {part: getattr(settings, f"{part}_port") for part in PARTS}
    async with AsyncExitStack() as stack:
        proxies = {
            part: await stack.enter_async_context(networks[part].before(port))
            for part, port in ports.items()
        }
        targets = {
            f"MIEN_GATEWAY_{part.upper()}_TARGET": f"127.0.0.1:{proxies[part]}"
            for part in PARTS[:-1]
        }
        redis = {"MIEN_GATEWAY_REDIS_URL": f"redis://127.0.0.1:{proxies['redis']}/0"}
        environment = environment_of(system) | targets | redis
        yield (await stack.enter_async_context(own_gateway(environment))).address


async def spoil(network: Network, how: str) -> None:
    """Make a network bad for a while."""
    if how == "silent":
        network.through.clear()
    elif how == "slow":
        network.delay_seconds = 0.1
    else:
        network.bytes_per_second = 50_000
    await asyncio.sleep(BAD_SECONDS)
    network.through.set()
    network.delay_seconds, network.bytes_per_second = 0.0, float("inf")


@pytest.mark.parametrize("how", ["slow", "narrow", "silent"])
async def test_whatever_befalls_a_network_callers_are_answered(
    system: System, photo: bytes, scale: float, observed: list[Observed], how: str
) -> None:
    """To one part after the other; a Redis far away is no reason to fail anybody."""
    networks = {part: Network() for part in PARTS}
    seen: list[Observed] = []
    async with gateway_behind(system, networks) as address:
        load = Load(address, photo, TWINS)
        await load.learn()
        stop = asyncio.Event()
        running = asyncio.create_task(load.run(stop))
        for part, network in networks.items():
            one = await observe(
                f"network to {part} {how}",
                load,
                partial(spoil, network, how),
                BACK_SECONDS,
            )
            seen.append(one)
            await asyncio.sleep(scale)
        stop.set()
        await running
    observed += seen
    allowed = {Outcome.RIGHT, Outcome.REFUSED}
    assert not [one for one in load.answers if one.outcome not in allowed]
    redis = next(one for one in seen if " redis " in one.fault)
    assert redis.counts.keys() == {Outcome.RIGHT}
