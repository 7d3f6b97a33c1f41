"""One of two gateways stops, and then the other, under load: no request is lost."""

import asyncio
import signal
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect

from tests.chaos.balanced import LOOK_SECONDS, BalancedLoad
from tests.chaos.conftest import TWINS
from tests.chaos.gateways import environment_of, own_gateway
from tests.chaos.load import Outcome
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

DRAIN_SECONDS = 1.0


async def test_gateways_that_stop_lose_no_request(system: System, photo: bytes) -> None:
    """Readiness goes off first, work goes on until that was noticed, then the doors close."""
    environment = environment_of(system) | {"MIEN_GATEWAY_DRAIN_SECONDS": str(DRAIN_SECONDS)}
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(own_gateway(environment)) for _ in range(2)]
        load = BalancedLoad(gateways[0].address, photo, TWINS)
        await load.learn()
        watching = asyncio.create_task(load.watch(gateways))
        await asyncio.sleep(2 * LOOK_SECONDS)
        assert len(load.ready) == 2
        stop = asyncio.Event()
        loading = asyncio.create_task(load.run(stop))
        for place in range(2):
            await asyncio.sleep(1)
            gateways[place].process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(gateways[place].process.wait(), 20) == 0
            gateways[place] = await stack.enter_async_context(own_gateway(environment))
            await asyncio.sleep(1)
        stop.set()
        await loading
        watching.cancel()
    assert len(load.answers) > 100
    assert [one for one in load.answers if one.outcome is not Outcome.RIGHT] == []


async def test_a_live_stream_is_told_to_connect_again(system: System, photo: bytes) -> None:
    """1001 with the reason, and not before the last answer."""
    async with (
        own_gateway(environment_of(system)) as gateway,
        connect(f"{gateway.address.replace('http', 'ws', 1)}/v1/stream") as stream,
    ):
        await stream.send('{"type": "start", "consent": true}')
        await stream.recv()
        await stream.send(photo)
        await stream.recv()
        gateway.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(stream.wait_closed(), 10)
        assert (stream.close_code, stream.close_reason) == (1001, "shutting_down")
