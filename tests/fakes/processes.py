"""Services as they are really started: a process and an environment each."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.gateway import LABELS

START_SECONDS = 30


@dataclass
class Service:
    """A running process, and the entry by which it said that it serves."""

    process: Process
    entry: dict[str, Any]

    async def stop(self) -> list[dict[str, Any]]:
        """Ask it to stop, and return what it logged since it serves."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        _, output = await asyncio.wait_for(self.process.communicate(), START_SECONDS)
        lines = output.decode().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@asynccontextmanager
async def started(module: str, event: str, environment: dict[str, str]) -> AsyncIterator[Service]:
    """Start `python -m module` and yield it once it logged the event."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env=os.environ | environment, stderr=PIPE
    )
    service = Service(process, await _first(process, event))
    yield service
    if process.returncode is None:
        await service.stop()


def write_registry(path: Path) -> Path:
    """Write the registry that the gateway's fakes know."""
    model = {
        "name": "fer2013-squeezenet",
        "version": 3,
        "dataset": "fer2013",
        "architecture": "squeezenet",
        "input": {"height": 48, "width": 48, "channels": 1},
        "labels": list(LABELS),
        "frameworks": ["pytorch", "tensorflow"],
        "weights": {"path": "weights", "sha256": "0" * 64},
        "licence": "for tests",
    }
    path.write_text(yaml.safe_dump({"models": [model]}), encoding="utf-8")
    return path


async def _first(process: Process, event: str) -> dict[str, Any]:
    assert process.stderr
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stderr:
            if line.startswith(b"{"):
                entry: dict[str, Any] = json.loads(line)
                if entry["event"] == event:
                    return entry
    raise AssertionError(await process.wait())
