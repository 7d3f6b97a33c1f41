"""A new version of a model comes while callers go on asking: nobody notices."""

import asyncio
import json
import os
import shutil
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.chaos.load import Load, Outcome
from tests.running_system import ROOT, System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

NAME = "fer2013-squeezenet"
SERVED = f"{NAME}-tensorflow"
WAIT_SECONDS = 40


class Store:
    """A model store and a registry of one model, which a test may change."""

    def __init__(self, folder: Path) -> None:
        self.registry = folder / "registry.yaml"
        self.config = folder / "models.config"
        self._base = folder / SERVED
        self._base.mkdir()
        self.config.write_text(
            f'model_config_list {{ config {{ name: "{SERVED}" base_path: "{self._base}" '
            'model_platform: "tensorflow" '
            "model_version_policy { latest { num_versions: 2 } } } }",
            encoding="utf-8",
        )

    def add(self, version: int) -> None:
        """Put the built model there as this version, complete at once."""
        built = ROOT / "build" / "model-store" / "tensorflow" / SERVED / "1"
        temporary = self._base / f".{version}.tmp"
        shutil.copytree(built, temporary)
        temporary.rename(self._base / str(version))

    def remove(self, version: int) -> None:
        """Take a version away."""
        shutil.rmtree(self._base / str(version))

    def name(self, version: int) -> None:
        """Let the registry name this version, and PyTorch's twin not at all."""
        document = yaml.safe_load((ROOT / "models" / "registry.yaml").read_text(encoding="utf-8"))
        entry = next(model for model in document["models"] if model["name"] == NAME)
        entry |= {"version": version, "frameworks": ["tensorflow"]}
        new = self.registry.with_suffix(".new")
        new.write_text(yaml.safe_dump({"models": [entry]}), encoding="utf-8")
        new.replace(self.registry)


@asynccontextmanager
async def running(*command: str, environment: dict[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=os.environ | environment, stderr=PIPE
    )
    yield process
    process.terminate()
    await process.wait()


async def gateway_address(process: Process) -> str:
    assert process.stderr
    async for line in process.stderr:
        entry = json.loads(line)
        if entry["event"] == "listening":
            return f"http://{entry['rest']}"
    raise AssertionError


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
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    server = (
        *("-m", "mien_tf_serving", f"--port={port}", "--rest_api_port=0"),
        f"--model_config_file={store.config}",
        "--file_system_poll_wait_seconds=0.5",
    )
    environment = {
        "MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{system.settings.detector_port}",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": f"127.0.0.1:{port}",
        "MIEN_GATEWAY_REDIS_URL": "",
        "MIEN_GATEWAY_REGISTRY": str(store.registry),
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
        "MIEN_GATEWAY_PROBE_INTERVAL_SECONDS": "0.5",
    }
    async with (
        running(*server, environment={"TF_CPP_MIN_LOG_LEVEL": "2"}),
        running("-m", "mien_gateway", environment=environment) as process,
        httpx.AsyncClient(base_url=await gateway_address(process), timeout=10) as client,
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
