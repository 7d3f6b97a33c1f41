"""Gateways of a test's own, in front of the parts of the running system."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.running_system import System

START_SECONDS = 30


@dataclass
class OwnGateway:
    """A process, and where it answers."""

    process: asyncio.subprocess.Process
    address: str


def environment_of(system: System) -> dict[str, str]:
    """The settings of a gateway before the same parts, on free ports."""
    settings = system.settings
    return {
        "MIEN_GATEWAY_DETECTOR_TARGET": f"127.0.0.1:{settings.detector_port}",
        "MIEN_GATEWAY_TORCHSERVE_TARGET": f"127.0.0.1:{settings.torchserve_port}",
        "MIEN_GATEWAY_TORCHSERVE_REST_URL": f"http://127.0.0.1:{settings.torchserve_rest_port}",
        "MIEN_GATEWAY_TENSORFLOW_TARGET": f"127.0.0.1:{settings.tensorflow_port}",
        "MIEN_GATEWAY_REDIS_URL": f"redis://127.0.0.1:{settings.redis_port}/0",
        "MIEN_GATEWAY_SPOOL_DIR": str(settings.run_dir / "spool"),
        "MIEN_GATEWAY_REGISTRY": str(settings.registry),
        "MIEN_GATEWAY_REST_PORT": "0",
        "MIEN_GATEWAY_GRPC_PORT": "0",
    }


@asynccontextmanager
async def own_gateway(environment: Mapping[str, str]) -> AsyncIterator[OwnGateway]:
    """A gateway that listens; it is stopped afterwards, unless it was already."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mien_gateway", env=os.environ | environment, stderr=PIPE
    )
    assert process.stderr
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stderr:
            entry = json.loads(line)
            if entry["event"] == "listening":
                break
    # Nobody would read it, and a full pipe would stop the gateway.
    logs = asyncio.create_task(process.stderr.read())
    try:
        yield OwnGateway(process, f"http://{entry['rest']}")
    finally:
        if process.returncode is None:
            process.terminate()
        assert await process.wait() == 0
        await logs
