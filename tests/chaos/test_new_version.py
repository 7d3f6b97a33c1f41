"""A new version of a model comes while callers go on asking: nobody notices."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.chaos.gateways import environment_of, own_gateway
from tests.chaos.load import Load, Outcome
from tests.chaos.tensorflow_servers import SERVED, Store, tensorflow_server
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

WAIT_SECONDS = 40


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not await condition():
            await asyncio.sleep(0.2)


async def test_a_new_version_is_served_without_a_failed_request(
    system: System, photo: bytes, tmp_path: Path
) -> None:
    """From 1 to 2 under load, then 1 is taken away; every answer is right."""
    store = Store(tmp_path)
    await asyncio.to_thread(store.add, 1)
    store.name(1)
    environment = {
        **environment_of(system),
        "MIEN_GATEWAY_REDIS_URL": "",
        "MIEN_GATEWAY_REGISTRY": str(store.registry),
        "MIEN_GATEWAY_PROBE_INTERVAL_SECONDS": "0.5",
    }
    async with (
        tensorflow_server(store) as (_, target),
        own_gateway(environment | {"MIEN_GATEWAY_TENSORFLOW_TARGET": target}) as gateway,
        httpx.AsyncClient(base_url=gateway.address, timeout=10) as client,
    ):
        await until(lambda: ready(client))
        load = Load(str(client.base_url), photo, [SERVED], rate=15, deadline_seconds=5)
        await load.learn()
        stop = asyncio.Event()
        loading = asyncio.create_task(load.run(stop))
        await asyncio.sleep(1)
        assert await version(client) == 1
        await asyncio.to_thread(store.add, 2)
        store.name(2)
        await until(lambda: is_version(client, 2))
        await asyncio.sleep(1)
        await asyncio.to_thread(store.remove, 1)
        await asyncio.sleep(3)
        stop.set()
        await loading
        assert await version(client) == 2
    assert len(load.answers) > 75
    assert [one for one in load.answers if one.outcome is not Outcome.RIGHT] == []


async def ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).is_success


async def version(client: httpx.AsyncClient) -> int:
    """Which version the gateway asks for now."""
    found: int = (await client.get(f"/v1/models/{SERVED}")).json()["version"]
    return found


async def is_version(client: httpx.AsyncClient, wanted: int) -> bool:
    return await version(client) == wanted
