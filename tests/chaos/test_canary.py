"""A new version in a pool of its own gets a part of the calls, then all of them."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import yaml

from tests.chaos.balanced import LOOK_SECONDS, BalancedLoad
from tests.chaos.gateways import OwnGateway, environment_of, own_gateway
from tests.chaos.load import Outcome
from tests.chaos.tensorflow_servers import NAME, SERVED, Store, tensorflow_server
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

REQUESTS = 200
WAIT_SECONDS = 40
FAILURES = 5
# Longer than the test, so that no try in between is one more lost request.
COOLDOWN_SECONDS = 300


@pytest.fixture
def canary(tmp_path: Path) -> Store:
    """Version 2, and a list of models that says so."""
    store = Store(tmp_path)
    store.add(2)
    store.name(2)
    return store


def with_pools(system: System, canary: Store, target: str, stable: int, new: int) -> dict[str, str]:
    """The settings of a gateway before both pools, with their weights."""
    entry = {"framework": "tensorflow", "models": [NAME]}
    pools = [
        {**entry, "name": "stable", "weight": stable}
        | {"target": f"127.0.0.1:{system.settings.tensorflow_port}"},
        {**entry, "name": "canary", "weight": new}
        | {"target": target, "registry": str(canary.registry)},
    ]
    path = canary.config.with_name(f"pools-{new}.yaml")
    path.write_text(yaml.safe_dump({"pools": pools}), encoding="utf-8")
    return environment_of(system) | {
        "MIEN_GATEWAY_POOLS_FILE": str(path),
        "MIEN_GATEWAY_CIRCUIT_FAILURES": str(FAILURES),
        "MIEN_GATEWAY_CIRCUIT_COOLDOWN_SECONDS": str(COOLDOWN_SECONDS),
        "MIEN_GATEWAY_DRAIN_SECONDS": "1",
        "MIEN_GATEWAY_PROBE_INTERVAL_SECONDS": "0.5",
    }


async def ask(client: httpx.AsyncClient, photo: bytes, name: str) -> httpx.Response:
    return await client.post(
        "/v1/analyze",
        params={"model": SERVED},
        content=photo,
        headers={"X-Request-Id": name, "Cache-Control": "no-store"},
    )


async def versions(gateway: OwnGateway, photo: bytes) -> Counter[int]:
    """Which versions answer so many requests, each of which must be answered."""
    async with httpx.AsyncClient(base_url=gateway.address, timeout=20) as client:
        answers = [await ask(client, photo, f"request-{number}") for number in range(REQUESTS)]
    return Counter(one.raise_for_status().json()["model"]["version"] for one in answers)


async def both_up(gateway: OwnGateway) -> None:
    async with (
        asyncio.timeout(WAIT_SECONDS),
        httpx.AsyncClient(base_url=gateway.address, timeout=5) as client,
    ):
        while True:
            parts = (await client.get("/readyz")).json()["parts"]
            if parts["stable"] == parts["canary"] == "up":
                return
            await asyncio.sleep(LOOK_SECONDS)


async def test_a_canary_gets_its_share(system: System, photo: bytes, canary: Store) -> None:
    """The answers say which version it was, and the same request meets the same one."""
    async with (
        tensorflow_server(canary) as (process, target),
        own_gateway(with_pools(system, canary, target, 80, 20)) as gateway,
        httpx.AsyncClient(base_url=gateway.address, timeout=20) as client,
    ):
        await both_up(gateway)
        found = await versions(gateway, photo)
        assert set(found) == {1, 2}
        assert 0.1 < found[2] / REQUESTS < 0.3
        assert await versions(gateway, photo) == found
        process.kill()
        await process.wait()
        answers = [await ask(client, photo, f"request-{number}") for number in range(REQUESTS)]
    # The failures open the circuit, and then the other pool has it all.
    lost = [one for one in answers if not one.is_success]
    assert [one.json()["code"] for one in lost] == ["model_server_unavailable"] * FAILURES
    assert {one.json()["model"]["version"] for one in answers if one.is_success} == {1}


async def test_the_weights_shift_without_a_lost_request(
    system: System, photo: bytes, canary: Store
) -> None:
    """Two gateways, replaced in turn: none of the calls, half of them, then all to the new one."""
    async with tensorflow_server(canary) as (_, target), AsyncExitStack() as stack:
        settings = with_pools(system, canary, target, 100, 0)
        gateways = [await stack.enter_async_context(own_gateway(settings)) for _ in range(2)]
        await both_up(gateways[0])
        load = BalancedLoad(gateways[0].address, photo, [SERVED], rate=15)
        await load.learn()
        watching = asyncio.create_task(load.watch(gateways))
        await asyncio.sleep(2 * LOOK_SECONDS)
        stop = asyncio.Event()
        loading = asyncio.create_task(load.run(stop))
        for stable, new in ((50, 50), (0, 100)):
            settings = with_pools(system, canary, target, stable, new)
            for place in range(2):
                gateways[place].process.terminate()
                assert await asyncio.wait_for(gateways[place].process.wait(), 20) == 0
                gateways[place] = await stack.enter_async_context(own_gateway(settings))
                await asyncio.sleep(1)
        stop.set()
        await loading
        watching.cancel()
        assert set(await versions(gateways[1], photo)) == {2}
    assert len(load.answers) > 75
    assert [one for one in load.answers if one.outcome is not Outcome.RIGHT] == []
